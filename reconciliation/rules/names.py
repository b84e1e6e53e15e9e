"""Whose name is that? Spellings of one company, and companies that only sound alike."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz, process

_LEGAL_FORMS = {
    *("LTD", "LIMITED", "PLC", "LLC", "INC", "GMBH", "AG", "KG", "OHG", "CO", "BV", "NV"),
    *("SA", "SAS", "SARL", "SRL", "SPA", "AB", "AS", "OY", "APS", "SE"),
}
#: as banks write them that know plain letters only
_PLAIN_LETTERS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "Æ": "AE", "Ø": "OE", "Å": "AA"})
SIMILAR_ENOUGH = 90  # of 100: a letter or two in a company's name
CLEARLY_MORE = 3  # by so much the best must lead, else it is one of two


def normal_name(name: str) -> str:
    """A company's name without case, punctuation and legal form: what two spellings share."""
    parts = re.sub(r"[^\w\s]", " ", name.upper()).split()
    return " ".join(part for part in parts if part not in _LEGAL_FORMS) or " ".join(parts)


def resembling(name: str, ours: Iterable[str]) -> str | None:
    """The one of our normal names that name, another normal name, is a spelling of.

    None when none is near, when two are, or when only a number tells them apart: branch 12 is
    not branch 13.
    """
    plain = {own: _plain(own) for own in ours}
    scored = process.extract(
        _plain(name), plain, scorer=fuzz.token_sort_ratio, score_cutoff=SIMILAR_ENOUGH, limit=None
    )
    near = [(own, score) for _text, score, own in scored if _numbers(own) == _numbers(name)]
    if not near or (len(near) > 1 and near[0][1] - near[1][1] < CLEARLY_MORE):
        return None
    return near[0][0]


@lru_cache(maxsize=2**16)  # the same customers are asked for every line
def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.translate(_PLAIN_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _numbers(name: str) -> list[str]:
    return sorted(re.findall(r"\d+", name))
