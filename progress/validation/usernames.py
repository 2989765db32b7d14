"""When two user names, or two email addresses, count as the same: one person has one account.

Pure: text in, text out. `User.username_key` keeps what `normalized` makes of each name.
"""

import unicodedata


def normalized(name: str) -> str:
    """The name without differences of case, of width, or of how its letters are composed.

    `Lena`, `LENA` and full-width `ｌｅｎａ` are one name. Folding case may undo NFKC: so twice.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def normalized_address(address: str) -> str:
    """The address without differences of width, its domain in lower case.

    What stands before the @ keeps its case, which its mail server may mind; addresses are compared
    without it.
    """
    name, at, domain = unicodedata.normalize("NFKC", address).strip().rpartition("@")
    return name + at + domain.lower()
