"""When two user names count as the same name, so that one person has one account.

Pure: text in, text out. `User.username_key` keeps what `normalized` makes of each name.
"""

import unicodedata


def normalized(name: str) -> str:
    """The name without differences of case, of width, or of how its letters are composed.

    `Lena`, `LENA` and full-width `ｌｅｎａ` are one name. Folding case may undo NFKC: so twice.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded).strip()
