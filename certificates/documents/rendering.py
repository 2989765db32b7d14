"""The file of a certificate: typst, from the stored facts alone, the same bytes each time; signed.

Never call this in a process that forks afterwards: its threads would be missing there.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import transaction

from certificates import payloads
from certificates.badges import issuer, open_badge
from certificates.documents import page_text, styles
from certificates.models import Certificate, Rendition
from certificates.signing import identity
from progress.files import typesetting
from progress.jobs import Run
from progress.operations.replica import on_primary

from .styles import Look

DESIGNS = Path(__file__).parent / "designs"
STANDARDS = ["a-3a", "ua-1"]
PIXELS_PER_INCH = 110
MOST = 2000  # of one run; the next goes on


def render(certificate_id: int, now: datetime, *, anew: bool = False) -> Rendition:
    """The newest file of a certificate; made if there is none, or `anew`."""
    # Imported here for its cost: web processes import this module too, and never sign.
    from certificates.signing import pades

    with on_primary(), transaction.atomic():
        certificate = Certificate.objects.select_for_update(of=["self"]).get(pk=certificate_id)
        newest = certificate.renditions.first()
        if newest is not None and not anew:
            return newest
        badge, look = open_badge.make(certificate), styles.of(certificate)
        unsigned = compile_pdf(certificate, badge, look)
        missing = _texts(certificate, look).missing
        unsigned_sha256 = hashlib.sha256(unsigned).hexdigest()
        # Before the signature, which is another one each time.
        if newest is not None and newest.unsigned_sha256 == unsigned_sha256:
            return newest
        pdf, signed_by = pades.sign(unsigned)
        made = Rendition.objects.create(
            certificate=certificate,
            ordinal=newest.ordinal + 1 if newest else 1,
            pdf=pdf,
            badge=badge,
            picture=compile_picture(certificate, look),
            sha256=hashlib.sha256(pdf).hexdigest(),
            unsigned_sha256=unsigned_sha256,
            signed_by=signed_by,
            missing_characters="".join(sorted(missing)),
            rendered_at=now,
        )
        transaction.on_commit(partial(payloads.tell, certificate), robust=True)
    return made


def render_missing(run: Run, *, most: int = MOST) -> None:
    """Render certificates that have no file; one that can't be rendered is set aside.

    Raises keys.UnusableKey.
    """
    _need_keys()
    missing = Certificate.objects.filter(renditions=None).exclude(pk__in=run.rows_set_aside())
    for certificate_id in missing.order_by("pk").values_list("pk", flat=True)[:most]:
        run.take(partial(_render_all, now=run.now), [certificate_id])


def _need_keys() -> None:
    """Before any row is taken: none of them is to blame for a key that can't be used."""
    identity.signing_identity()
    if issuer.did():
        issuer.signing_key()


def render_anew(run: Run, certificate_ids: Sequence[int]) -> None:
    """Make another file of each that would look different today; one that can't is set aside.

    Raises keys.UnusableKey.
    """
    _need_keys()
    for certificate_id in certificate_ids:
        run.take(partial(_render_all, now=run.now, anew=True), [certificate_id])


def _render_all(certificate_ids: Sequence[int], *, now: datetime, anew: bool = False) -> int:
    return sum(render(pk, now, anew=anew) is not None for pk in certificate_ids)


def compile_pdf(
    certificate: Certificate, badge: bytes | None = None, look: Look | None = None
) -> bytes:
    """PDF/A-3a, PDF/UA-1, unsigned, with its badge attached.

    A character that no font has is shown as a white square; its title, its author and the badge
    have it. Raises typst.TypstError.
    """
    return _compile(certificate, badge, look, format="pdf", pdf_standards=STANDARDS)


def compile_picture(certificate: Certificate, look: Look | None = None) -> bytes:
    """The page as PNG. Raises typst.TypstError."""
    return _compile(certificate, None, look, format="png", ppi=PIXELS_PER_INCH)


def _texts(certificate: Certificate, look: Look) -> typesetting.Displayable:
    """What the page shows, and what the file says of itself."""
    told = page_text.told(certificate, look)
    shown = typesetting.displayable(told)
    names = {key: typesetting.metadata(told[key]) for key in ("name", "course", "issuer")}
    shown.value["metadata"] = names
    return shown


def _compile(certificate: Certificate, badge: bytes | None, look: Look | None, **options) -> bytes:
    look = look or styles.of_design(None)
    made = typesetting.compiler(DESIGNS).compile(
        str(DESIGNS / f"{look.template}.typ"),
        sys_inputs={
            **typesetting.inputs(_texts(certificate, look).value),
            "badge": (badge or b"").decode(),
            # Only text can be handed over: bytes as numbers.
            "logo": json.dumps(list(look.logo)),
            "signature": json.dumps(list(look.signature)),
        },
        timestamp=int(certificate.issued_at.timestamp()),
        **options,
    )
    return bytes(made)
