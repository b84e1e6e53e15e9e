"""Codes and numbers without what people do not see: blanks around them, zero-width characters."""

import unicodedata

_SEPARATORS = set("./")
#: Unicode's blanks, dashes, control and invisible characters.
_DASHES, _BLANKS, _INVISIBLE = {"Pd"}, {"Zs", "Zl", "Zp"}, {"Cf", "Cc"}


def plain(text: str) -> str:
    """A code without blanks around it and characters nobody sees; one blank for several."""
    shown = "".join(
        " " if unicodedata.category(c) in _BLANKS or c.isspace() else c
        for c in unicodedata.normalize("NFC", text)
        if c.isspace() or unicodedata.category(c) not in _INVISIBLE
    )
    return " ".join(shown.split())


def compacted(text: str) -> str:
    """An identifier in capitals, without blanks, dashes, points, and characters nobody sees."""
    dropped = _DASHES | _BLANKS | _INVISIBLE
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(
        c for c in wide if c not in _SEPARATORS and unicodedata.category(c) not in dropped
    )
