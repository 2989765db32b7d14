"""The texts of a certificate's page in its language: all that a typst template gets."""

import io
from datetime import date

import segno
from django.conf import settings
from django.utils import formats, timezone, translation

from certificates import numbers, payloads, validity
from certificates.models import Certificate

from .styles import Style

# How each language writes a date; the names of months are Django's.
DAYS = {"en": "j F Y", "ar": "j F Y", "de": "j. F Y", "es": r"j \d\e F \d\e Y", "fr": "j F Y"}
WORDS = {
    "en": {
        "title": "Certificate of completion",
        "presented": "This is to certify that",
        "completed": "has completed the course",
        "number": "Certificate",
        "verify": "Check it at",
        "day": "Completed",
        "valid": "Valid until",
        "time": "Active time",
        "score": "Score",
        "reported": "Self-reported",
        "waived": "Waived",
        "of": "{part} of {whole}",
        "hours": "{hours} h {minutes:02} min",
        "minutes": "{minutes} min",
        "seconds": "{seconds} s",
    },
    "ar": {
        "title": "شهادة إتمام",
        "presented": "نشهد بأن",
        "completed": "قد أتمّ الدورة",
        "number": "رقم الشهادة",
        "verify": "للتحقق منها",
        "day": "تاريخ الإتمام",
        "valid": "سارية حتى",
        "time": "الوقت الفعلي",
        "score": "النتيجة",
        "reported": "إفادة ذاتية",
        "waived": "أُعفي منه",
        "of": "{part} من {whole}",
        "hours": "{hours} س {minutes:02} د",
        "minutes": "{minutes} د",
        "seconds": "{seconds} ث",
    },
    "de": {
        "title": "Abschlusszertifikat",
        "presented": "Hiermit wird bescheinigt:",
        "completed": "hat den Kurs abgeschlossen",
        "number": "Zertifikat",
        "verify": "Zu prüfen unter",
        "day": "Abgeschlossen",
        "valid": "Gültig bis",
        "time": "Aktive Zeit",
        "score": "Ergebnis",
        "reported": "Selbstauskunft",
        "waived": "Erlassen",
        "of": "{part} von {whole}",
        "hours": "{hours} h {minutes:02} min",
        "minutes": "{minutes} min",
        "seconds": "{seconds} s",
    },
    "es": {
        "title": "Certificado de finalización",
        "presented": "Se certifica que",
        "completed": "ha completado el curso",
        "number": "Certificado",
        "verify": "Compruébelo en",
        "day": "Completado",
        "valid": "Válido hasta",
        "time": "Tiempo activo",
        "score": "Resultado",
        "reported": "Autodeclarado",
        "waived": "Dispensado",
        "of": "{part} de {whole}",
        "hours": "{hours} h {minutes:02} min",
        "minutes": "{minutes} min",
        "seconds": "{seconds} s",
    },
    "fr": {
        "title": "Certificat de réussite",
        "presented": "Il est certifié que",
        "completed": "a suivi l’intégralité du cours",
        "number": "Certificat",
        "verify": "À vérifier sur",
        "day": "Terminé le",
        "valid": "Valable jusqu’au",
        "time": "Temps actif",
        "score": "Résultat",
        "reported": "Auto-déclaré",
        "waived": "Dispensé",
        "of": "{part} sur {whole}",
        "hours": "{hours} h {minutes:02} min",
        "minutes": "{minutes} min",
        "seconds": "{seconds} s",
    },
}


def page_payload(certificate: Certificate, style: Style) -> dict:
    """Returns what the template reads as JSON: texts, [label, value] pairs, the QR code as SVG."""
    words = WORDS[style.language]
    completed = timezone.localtime(certificate.completed_at, timezone.get_default_timezone()).date()
    address = payloads.verify_url(certificate)
    return {
        "name": _in_one_line(certificate.learner_name),
        "course": _in_one_line(certificate.course_title),
        "issuer": _in_one_line(style.issuer),
        "signatory": _in_one_line(style.signatory),
        "signatory_title": _in_one_line(style.signatory_title),
        "accent": style.accent,
        "language": style.language,
        "day": [completed.year, completed.month, completed.day],
        "number": certificate.number,
        "verify_url": address,
        "verify_shown": address.partition("://")[2] or numbers.show_code(certificate.code),
        # Without the site's address a QR code would lead nowhere: the code is printed alone.
        "qr": _qr(address) if settings.PUBLIC_URL else "",
        "details": _details(certificate, completed, style.language),
        "words": {name: words[name] for name in _SHOWN},
    }


_SHOWN = ["title", "presented", "completed", "number", "verify"]


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _details(certificate: Certificate, completed: date, language: str) -> list[list[str]]:
    words = WORDS[language]
    details = [[words["day"], _day(completed, language)]]
    if certificate.expires_at is not None:
        last_day = validity.last_day_of(certificate.expires_at, timezone.get_default_timezone())
        details.append([words["valid"], _day(last_day, language)])
    details.append([words["time"], _time(certificate.time_ms // 1000, words)])
    if certificate.score_bp is not None:
        details.append([words["score"], f"{certificate.score_bp // 100} %"])
    contents = certificate.rules["contents"]
    reported = sum(
        each["completion_source"] == "reported" and "waived" not in each for each in contents
    )
    if reported:
        part = words["of"].format(part=reported, whole=len(contents))
        details.append([words["reported"], part])
    waived = sum("waived" in each for each in contents)
    if waived:
        details.append([words["waived"], words["of"].format(part=waived, whole=len(contents))])
    return details


def _day(day: date, language: str) -> str:
    with translation.override(language):
        return formats.date_format(day, DAYS[language])


def _time(seconds: int, words: dict[str, str]) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    unit = "hours" if hours else "minutes" if minutes else "seconds"
    return words[unit].format(hours=hours, minutes=minutes, seconds=seconds)


def _qr(address: str) -> str:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", border=0, scale=4, dark="#14211e", xmldecl=False, omitsize=False
    )
    return drawn.getvalue().decode()
