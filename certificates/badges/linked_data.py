"""JSON-LD without the network: the canonical form of a document, with nothing left out.

Only the contexts in `contexts/` are known. A term that no context defines would be dropped silently
from what is signed; here it is refused.
"""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*")
# Values at any depth. A badge has about fifty; PyLD's time grows with the square.
MAX_PARTS = 200
HERE = Path(__file__).parent / "contexts"
_one_at_a_time = threading.Lock()
FILES = {CREDENTIALS: "credentials-v2.json", OPEN_BADGES: "open-badges-3.0.3.json"}


class Refused(Exception):
    """A document that can't be trusted; the text says why."""


def parse(content: bytes) -> dict:
    """Parses a JSON object without duplicate names. Raises Refused."""
    try:
        document = json.loads(content, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(_("It isn't JSON.")) from error
    if not isinstance(document, dict):
        raise Refused(_("It isn't a JSON object."))
    return document


def _once(pairs: list[tuple]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Parsers differ in which of the two they use.
        raise Refused(_("A name occurs twice."))
    return found


def _no_number(text: str):
    raise ValueError(f"{text} isn't JSON")


def canonical(document: dict) -> bytes:
    """Returns RDFC-1.0 as N-Quads. Raises Refused for what would be lost or isn't understood."""
    # Imported here for its cost: every process loads this module, and few read badges.
    from pyld import jsonld

    body = {name: value for name, value in document.items() if name != "@context"}
    for count, found in enumerate(_inside(body)):
        if count > MAX_PARTS:
            raise Refused(_("It has more parts than any badge."))
        if found is None:
            raise Refused(_("There is an empty value."))
        if isinstance(found, dict) and any(name.startswith("@") for name in found):
            raise Refused(_("A part of it brings a context or keywords of its own."))
    processor = jsonld.JsonLdProcessor(on_property_dropped=_refuse_property)
    # Without a base, relative identifiers stay relative and are found.
    options = {"base": None, "documentLoader": load, "processingMode": "json-ld-1.1"}
    try:
        # PyLD shares one cache of contexts between threads without a lock.
        with _one_at_a_time:
            expanded = processor.expand(document, options)
            _refuse_relative(expanded)
            dataset = processor.to_rdf(expanded, {**options, "produceGeneralizedRdf": False})
    except (jsonld.JsonLdError, RecursionError) as error:
        raise Refused(_("It isn't JSON-LD that is understood here.")) from error
    return _canonical_form()().main(dataset, {"format": "application/n-quads"}).encode()


@cache
def _canonical_form() -> type:
    from pyld.canon import URDNA2015

    class Canonical(URDNA2015):
        def hash_n_degree_quads(self, id_, issuer):
            # Distinguishing equal unnamed nodes takes factorial time; our credentials have none.
            raise Refused(_("Parts of it can't be distinguished."))

    return Canonical


def _refuse_property(name: str | None) -> None:
    raise _unknown(name)


def _unknown(name: str | None) -> Refused:
    return Refused(_("No context knows the term “%(name)s”.") % {"name": name})


def _refuse_relative(expanded: list) -> None:
    """Refuses identifiers and types that aren't IRIs: unknown terms, which RDF would drop."""
    for found in _inside(expanded):
        if isinstance(found, dict):
            types = found.get("@type", [])
            names = [types] if isinstance(types, str) else [*types]
            for name in [*names, *([found["@id"]] if "@id" in found else [])]:
                if not ABSOLUTE.fullmatch(name):
                    raise _unknown(name)


def _inside(value) -> Iterator:
    """Yields `value` and everything in it, at any depth."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        yield found
        if isinstance(found, dict):
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def moment(moment: datetime) -> str:
    """Formats as xsd:dateTime, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def load(url: str, options: dict | None = None) -> dict:
    """PyLD's document loader: knows the vendored contexts, and raises Refused for the rest."""
    if url not in FILES:
        raise Refused(_("The context %(name)s isn't known here.") % {"name": url})
    return {"contextUrl": None, "documentUrl": url, "document": _context(url)}


@cache
def _context(url: str) -> dict:
    return json.loads((HERE / FILES[url]).read_text())
