"""Makes a certificate's signed PDF with typst. Before signing, the same row gives the same bytes.

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
from progress.operations.locking import lock_rows
from progress.operations.replica import on_primary

from .styles import Style

DESIGNS = Path(__file__).parent / "designs"
STANDARDS = ["a-3a", "ua-1"]
PIXELS_PER_INCH = 110
MAX_PER_RUN = 2000  # the next run goes on


def render(certificate_id: int, now: datetime, *, anew: bool = False) -> Rendition:
    """Returns the newest file of a certificate; makes one if there is none, or if `anew`."""
    # Imported here for its cost: web processes import this module too, and never sign.
    from certificates.signing import pades

    with on_primary(), transaction.atomic():
        certificate: Certificate = lock_rows(Certificate.objects.filter(pk=certificate_id))[0]
        newest = certificate.renditions.first()
        if newest is not None and not anew:
            return newest
        badge, style = open_badge.make(certificate), styles.certificate_style(certificate)
        unsigned = compile_pdf(certificate, badge, style)
        missing = _texts(certificate, style).missing
        unsigned_sha256 = hashlib.sha256(unsigned).hexdigest()
        # Compared before signing: each signature is different.
        if newest is not None and newest.unsigned_sha256 == unsigned_sha256:
            return newest
        pdf, signed_by = pades.sign(unsigned)
        made = Rendition.objects.create(
            certificate=certificate,
            user_id=certificate.user_id,
            ordinal=newest.ordinal + 1 if newest else 1,
            pdf=pdf,
            badge=badge,
            picture=compile_picture(certificate, style),
            sha256=hashlib.sha256(pdf).hexdigest(),
            unsigned_sha256=unsigned_sha256,
            signed_by=signed_by,
            missing_characters="".join(sorted(missing)),
            rendered_at=now,
        )
        transaction.on_commit(partial(payloads.push_certificate, certificate), robust=True)
    return made


def render_missing(run: Run, *, limit: int = MAX_PER_RUN) -> None:
    """Renders certificates that have no file; sets aside those that can't be rendered.

    Raises keys.UnusableKey.
    """
    _require_keys()
    missing = Certificate.objects.filter(renditions=None).exclude(pk__in=run.rows_set_aside())
    for certificate_id in missing.order_by("pk").values_list("pk", flat=True)[:limit]:
        run.take(partial(_render_all, now=run.now), [certificate_id])


def _require_keys() -> None:
    """Raises keys.UnusableKey before any row is tried: a bad key is no row's fault."""
    identity.signing_identity()
    if issuer.did():
        issuer.signing_key()


def render_anew(run: Run, certificate_ids: Sequence[int]) -> None:
    """Makes a new file of each certificate that would look different today.

    Sets aside those that can't be rendered. Raises keys.UnusableKey.
    """
    _require_keys()
    for certificate_id in certificate_ids:
        run.take(partial(_render_all, now=run.now, anew=True), [certificate_id])


def _render_all(certificate_ids: Sequence[int], *, now: datetime, anew: bool = False) -> int:
    return sum(render(pk, now, anew=anew) is not None for pk in certificate_ids)


def compile_pdf(
    certificate: Certificate, badge: bytes | None = None, style: Style | None = None
) -> bytes:
    """Returns the unsigned PDF (PDF/A-3a, PDF/UA-1) with the badge attached.

    A character that no font has is shown as a white square; the file's title and author and the
    badge have the character itself. Raises typst.TypstError.
    """
    return _compile(certificate, badge, style, format="pdf", pdf_standards=STANDARDS)


def compile_picture(certificate: Certificate, style: Style | None = None) -> bytes:
    """Returns the page as PNG. Raises typst.TypstError."""
    return _compile(certificate, None, style, format="png", ppi=PIXELS_PER_INCH)


def _texts(certificate: Certificate, style: Style) -> typesetting.Displayable:
    """Returns the texts of the page, and the file's metadata."""
    payload = page_text.page_payload(certificate, style)
    shown = typesetting.displayable(payload)
    names = {key: typesetting.metadata(payload[key]) for key in ("name", "course", "issuer")}
    shown.value["metadata"] = names
    return shown


def _compile(
    certificate: Certificate, badge: bytes | None, style: Style | None, **options
) -> bytes:
    style = style or styles.design_style(None)
    made = typesetting.compiler(DESIGNS).compile(
        str(DESIGNS / f"{style.template}.typ"),
        sys_inputs={
            **typesetting.inputs(_texts(certificate, style).value),
            "badge": (badge or b"").decode(),
            # Inputs are text only, so bytes are passed as numbers.
            "logo": json.dumps(list(style.logo)),
            "signature": json.dumps(list(style.signature)),
        },
        timestamp=int(certificate.issued_at.timestamp()),
        **options,
    )
    assert isinstance(made, bytes)  # a PDF is one file
    return made
