"""The identifiers of a certificate: a number to read out, and a code that can't be guessed."""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
CODE_LENGTH = 16  # 80 bits
_MISREAD = str.maketrans("ILO", "110")
_NUMBER = re.compile(r"\d{4}\d{6,}\d")


def number_of(year: int, serial: int) -> str:
    """Returns `2026-000123-5`: year, serial, check digit; longer from one million on."""
    digits = f"{year:04}{serial:06}"
    return f"{digits[:4]}-{digits[4:]}-{check_digit(digits)}"


def read_number(text: str) -> str | None:
    """Normalises a typed number; returns None if it can't be one."""
    digits = re.sub(r"[\s-]", "", text)
    if not (digits.isascii() and _NUMBER.fullmatch(digits)):
        return None
    if check_digit(digits[:-1]) != digits[-1]:
        return None
    return f"{digits[:4]}-{digits[4:-1]}-{digits[-1]}"


def check_digit(digits: str) -> str:
    """Returns the ISO 7064 MOD 11,10 digit, which reveals any single wrong digit."""
    rest = 10
    for digit in digits:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - rest) % 10)


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def show_code(code: str) -> str:
    """Returns the code in groups, such as `7K3M-9QXA-2FZT-W8RD`."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def read_code(text: str) -> str | None:
    """Normalises a typed code (any case, dashes or not); returns None if it can't be one."""
    code = re.sub(r"[\s-]", "", text).upper().translate(_MISREAD)
    is_code = len(code) == CODE_LENGTH and set(code) <= set(ALPHABET)
    return code if is_code else None
