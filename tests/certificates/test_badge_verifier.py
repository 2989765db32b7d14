"""Our own verifier of badges: it understands a genuine one, and notices whatever was changed."""

import json
import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from certificates.badges import linked_data, multibase, open_badge
from certificates.badges.linked_data import Refused
from tests.support.badges import DID, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("public_address")]


def test_a_genuine_one_leads_to_its_certificate(certificate, badge):
    assert read(badge) == certificate.code


def at(document, path):
    *before, last = path
    for step in before:
        document = document[step]
    return document, last


def leaves(value, path=()):
    if isinstance(value, dict | list):
        for step, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, step))
    else:
        yield path


def test_whatever_is_changed_or_left_out_is_noticed(badge):
    # Of the proof's value, a changed letter is another number.
    paths = list(leaves(badge))
    assert len(paths) > 30
    for path in paths:
        for change in ("another", None):
            changed = json.loads(json.dumps(badge))
            place, last = at(changed, path)
            if change:
                place[last] = change if isinstance(place[last], str) else not place[last]
            else:
                del place[last]
            with pytest.raises(Refused):
                read(changed)


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("issuer",),
        ("credentialSubject",),
        ("credentialSubject", "identifier", 0),
        ("credentialSubject", "achievement"),
        ("credentialSubject", "achievement", "criteria"),
        ("evidence", 0),
        ("proof",),
    ],
)
def test_a_term_that_no_context_knows_is_refused_by_name(badge, path):
    place = badge
    for step in path:
        place = place[step]
    place["honours"] = "summa cum laude"
    with pytest.raises(Refused, match="honours"):
        read(badge)


@pytest.mark.parametrize("path", [("evidence", 0, "type"), ("credentialSubject", "type")])
def test_a_type_that_no_context_knows_is_refused_by_name(badge, path):
    place, last = at(badge, path)
    place[last].append("Doctorate")
    with pytest.raises(Refused, match="Doctorate"):
        read(badge)


@pytest.mark.parametrize(
    "added",
    [
        {"@graph": []},
        {"evidence": [{"@context": {"honours": "urn:x:honours"}, "honours": "yes"}]},
        {"@context": [*open_badge.CONTEXTS, "https://elsewhere.example/context.json"]},
        {"@context": open_badge.CONTEXTS[:1]},
        {"@context": [*open_badge.CONTEXTS, open_badge.CONTEXTS[0]]},
        {"type": ["VerifiableCredential", "OpenBadgeCredential", "AchievementCredential"]},
        {"proof": []},
        {"proof": {"type": "DataIntegrityProof"}},
        {"issuer": DID},
        {"id": "not-an-iri"},
        {"id": "_:nobody"},
        {"id": "urn:with space"},
        {"id": 5},
    ],
)
def test_what_is_not_of_our_kind_is_refused(badge, added):
    with pytest.raises(Refused):
        read(badge | added)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "isn't JSON"),
        (b"{", "isn't JSON"),
        (b"\xff", "isn't JSON"),
        (b'{"a": NaN}', "isn't JSON"),
        (b"[" * 100_000, "isn't JSON"),
        (b"[]", "isn't a JSON object"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "twice"),
    ],
)
def test_what_is_no_plain_json_object_is_refused(content, said):
    with pytest.raises(Refused, match=said):
        open_badge.read(content)


def test_what_would_be_left_out_of_the_canonical_form_is_refused():
    document = {"@context": open_badge.CONTEXTS, "id": "urn:x:y", "type": open_badge.TYPES}
    assert linked_data.canonical(document | {"name": "x"})
    with pytest.raises(Refused, match="empty value"):
        linked_data.canonical(document | {"name": None})


@pytest.mark.parametrize(
    "change", [{"cryptosuite": "ecdsa-rdfc-2019"}, {"proofPurpose": "authentication"}]
)
def test_another_kind_of_proof_is_refused(badge, change):
    badge["proof"] |= change
    with pytest.raises(Refused, match="another kind"):
        read(badge)


def test_another_issuer_is_refused(settings, badge):
    settings.PUBLIC_URL = "https://another.example"
    with pytest.raises(Refused, match="someone else"):
        read(badge)


def test_another_issuers_key_is_refused(settings, badge, tmp_path):
    settings.STATE_DIR = tmp_path
    with pytest.raises(Refused, match="isn't this issuer's"):
        read(badge)


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ([{"type": ["Evidence"], "name": "x"} for _ in range(12)], "distinguished"),
        ([{"id": f"urn:x:{number}"} for number in range(20_000)], "more parts"),
    ],
)
def test_what_would_take_too_long_to_canonicalise_is_refused_at_once(badge, evidence, said):
    badge["evidence"] = evidence
    began = time.monotonic()
    with pytest.raises(Refused, match=said):
        read(badge)
    assert time.monotonic() - began < 1


def test_nothing_is_fetched():
    with pytest.raises(Refused, match="elsewhere"):
        linked_data.load("https://elsewhere.example/context.json")


# Generating takes long on a busy machine.
@hypothesis_settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "type", "name", "evidence", "criteria", "proof"])
                | st.text(),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_anything_at_all_is_refused_or_understood(value):
    try:
        linked_data.canonical({"@context": open_badge.CONTEXTS, "id": "urn:x:y", "evidence": value})
    except (Refused, UnicodeEncodeError):
        pass


@given(st.binary(max_size=40))
def test_bytes_as_text_are_the_same_bytes_again(content):
    assert multibase.decode(multibase.encode(content)) == content


def test_bytes_as_text_are_what_others_write():
    # From the draft "The Base58 Encoding Scheme", and leading zeros.
    assert multibase.encode(b"Hello World!") == "z2NEpo7TZRRrLZSi2U"
    assert multibase.encode(bytes.fromhex("0000287fb4cd")) == "z11233QC4"
    for wrong in ("2NEpo7TZRRrLZSi2U", "z0", "zO", ""):
        with pytest.raises(ValueError, match="multibase"):
            multibase.decode(wrong)
