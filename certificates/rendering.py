"""The file of a certificate: typst, from the stored facts alone, the same bytes each time; signed.

Never call this in a process that forks afterwards: its threads would be missing there.
"""

import hashlib
import io
import json
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import noto_cjk_sans_otc
import segno
import typst
from django.conf import settings
from django.db import transaction
from django.utils import formats, timezone

from certificates import badges, numbers, signing, standing, validity
from certificates.models import Certificate, Rendition
from progress.jobs import Run

HERE = Path(__file__).parent
DESIGN = HERE / "designs" / "calm.typ"
STANDARDS = ["a-3a", "ua-1"]
PIXELS_PER_INCH = 110
MOST = 2000  # of one run; the next goes on
_of_this_thread = threading.local()


def render(certificate_id: int, now: datetime, *, anew: bool = False) -> Rendition:
    """The newest file of a certificate; made if there is none, or `anew`."""
    with transaction.atomic():
        certificate = Certificate.objects.select_for_update(of=["self"]).get(pk=certificate_id)
        newest = certificate.renditions.first()
        if newest is not None and not anew:
            return newest
        badge = badges.make(certificate)
        unsigned = compile_pdf(certificate, badge)
        unsigned_sha256 = hashlib.sha256(unsigned).hexdigest()
        # Before the signature, which is another one each time.
        if newest is not None and newest.unsigned_sha256 == unsigned_sha256:
            return newest
        pdf, signed_by = signing.sign(unsigned)
        made = Rendition.objects.create(
            certificate=certificate,
            ordinal=newest.ordinal + 1 if newest else 1,
            pdf=pdf,
            badge=badge,
            picture=compile_picture(certificate),
            sha256=hashlib.sha256(pdf).hexdigest(),
            unsigned_sha256=unsigned_sha256,
            signed_by=signed_by,
            rendered_at=now,
        )
        transaction.on_commit(partial(standing.tell, certificate), robust=True)
    return made


def render_missing(run: Run, *, most: int = MOST) -> None:
    """Render certificates that have no file; one that can't be rendered is set aside."""
    missing = Certificate.objects.filter(renditions=None).exclude(pk__in=run.rows_set_aside())
    for certificate_id in missing.order_by("pk").values_list("pk", flat=True)[:most]:
        run.take(partial(_render_all, now=run.now), [certificate_id])


def _render_all(certificate_ids: Sequence[int], *, now: datetime) -> int:
    return sum(render(pk, now) is not None for pk in certificate_ids)


def compile_pdf(certificate: Certificate, badge: bytes | None = None) -> bytes:
    """PDF/A-3a, PDF/UA-1, unsigned, with its badge attached.

    Raises typst.TypstError, also for a character that no font has.
    """
    return _compile(certificate, badge, format="pdf", pdf_standards=STANDARDS)


def compile_picture(certificate: Certificate) -> bytes:
    return _compile(certificate, None, format="png", ppi=PIXELS_PER_INCH)


def _compile(certificate: Certificate, badge: bytes | None, **options) -> bytes:
    told = json.dumps(_told(certificate), ensure_ascii=False)
    made = _compiler().compile(
        str(DESIGN),
        sys_inputs={"told": told, "badge": (badge or b"").decode()},
        timestamp=int(certificate.issued_at.timestamp()),
        **options,
    )
    return bytes(made)


def _compiler() -> typst.Compiler:
    """One for each thread: it keeps the fonts, and isn't made for two at once."""
    if not hasattr(_of_this_thread, "compiler"):
        _of_this_thread.compiler = typst.Compiler(
            root=str(DESIGN.parent),
            font_paths=[str(HERE / "fonts"), str(Path(noto_cjk_sans_otc.__file__).parent)],
            ignore_system_fonts=True,
        )
    return _of_this_thread.compiler


def _told(certificate: Certificate) -> dict:
    day = timezone.localtime(certificate.completed_at, timezone.get_default_timezone())
    address = standing.verify_url(certificate)
    return {
        "name": certificate.learner_name,
        "course": certificate.course_title,
        "issuer": settings.CERTIFICATE_ISSUER,
        "signatory": settings.CERTIFICATE_SIGNATORY,
        "signatory_title": settings.CERTIFICATE_SIGNATORY_TITLE,
        "language": "en",
        "day": [day.year, day.month, day.day],
        "number": certificate.number,
        "verify_url": address,
        "verify_shown": address.partition("://")[2] or numbers.show_code(certificate.code),
        # Without the site's address there is nowhere to lead to: only the code is told.
        "qr": _qr(address) if settings.PUBLIC_URL else "",
        "facts": _facts(certificate, day),
        "words": {
            "title": "Certificate of completion",
            "completed": "has completed the course",
            "number": "Certificate",
            "verify": "Check it at",
        },
    }


def _facts(certificate: Certificate, day: datetime) -> list[list[str]]:
    facts = [
        ["Completed", formats.date_format(day, "j F Y")],
        ["Active time", _time(certificate.time_ms // 60_000)],
    ]
    if certificate.expires_at is not None:
        last_day = validity.last_day_of(certificate.expires_at, timezone.get_default_timezone())
        facts.insert(1, ["Valid until", formats.date_format(last_day, "j F Y")])
    if certificate.score_bp is not None:
        facts.append(["Score", f"{certificate.score_bp // 100} %"])
    reported = [each for each in certificate.rules["contents"] if _is_reported(each)]
    if reported:
        facts.append(["Self-reported", f"{len(reported)} of {len(certificate.rules['contents'])}"])
    return facts


def _is_reported(content: dict) -> bool:
    return content["completion_source"] == "reported"


def _time(minutes: int) -> str:
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _qr(address: str) -> str:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", border=0, scale=4, dark="#14211e", xmldecl=False, omitsize=False
    )
    return drawn.getvalue().decode()
