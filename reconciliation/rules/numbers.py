"""Finding the numbers that stand in the books in what a payer typed.

The books say what is a number, not a pattern: a text is cut into groups of letters and of digits,
and every run of neighbouring groups is looked up, the longest first. So any series is recognised,
with and without blanks or dashes, glued to other words, broken over two lines or inside a
creditor reference.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_GROUP = re.compile(r"[A-Za-z]+|[0-9]+")
#: may stand between the parts of one number; a comma or a bar ends it
_WITHIN = re.compile(r"[\s\-–/.:_#°]*")
#: ISO 11649: RF, two check digits, then the reference itself
_CREDITOR_REFERENCE = re.compile(r"\b(RF\d\d)(?=\d)", re.IGNORECASE)
MOST_GROUPS = 8
LONGEST = 40
MOST_LETTERS = 16  # more are words around a number, not a part of it
#: so many digits are nobody's house number; below, a number needs a letter or a known payer
TELLING_DIGITS = 5
BAR = " | "  # between texts that have nothing to do with each other


class Name(NamedTuple):
    """A number in the books that stands for an open item; `kind` is the evidence it gives."""

    item_id: int
    kind: str
    number: str


class Mention(NamedTuple):
    """A place in the text, and the open items it may mean.

    `sure` when only a number can stand there: it is all of one, with a letter or enough digits.
    """

    names: tuple[Name, ...]
    sure: bool


class _Group(NamedTuple):
    text: str
    continues: bool  # may belong to the same number as the group before
    opens: bool  # begins a word
    closes: bool  # ends one


class Lookups(NamedTuple):
    """What to ask the books for: keys of whole numbers, and of their digits alone."""

    keys: set[str]
    digits: set[str]


def lookups(texts: Sequence[str]) -> Lookups:
    """Everything in the texts that may be a number of the books."""
    found = Lookups(set(), set())
    for text in texts:
        groups = _groups(text)
        for start in range(len(groups)):
            for _end, key in _keys_from(groups, start):
                found.keys.add(key)
                if digits := _bare(key):
                    found.digits.add(digits)
    return found


def mentions(
    text: str, names: Mapping[str, Sequence[Name]], by_digits: Mapping[str, Sequence[Name]]
) -> list[Mention]:
    """The open items a text names, by hash lookup; at each place the longest number counts.

    `names` by `o2c.core.number_keys.number_key`; `by_digits` by `digits_key`, which is never sure.
    """
    found: list[Mention] = []
    groups, start = _groups(text), 0
    while start < len(groups):
        step = 1
        for end, key in reversed(list(_keys_from(groups, start))):
            named = names.get(key)
            sure = bool(named) and _tells(key)
            if not named:
                named = by_digits.get(_bare(key))
            if named:
                found.append(Mention(_as_written(named, groups[start:end]), sure))
                step = end - start
                break
        start += step
    return found


def _groups(text: str) -> list[_Group]:
    text = _CREDITOR_REFERENCE.sub(r"\1 ", text)
    groups: list[_Group] = []
    before = 0
    for match in _GROUP.finditer(text):
        start, end = match.span()
        groups.append(
            _Group(
                match[0].upper(),
                continues=bool(groups) and bool(_WITHIN.fullmatch(text, before, start)),
                opens=not text[start - 1 : start].isalnum(),
                closes=not text[end : end + 1].isalnum(),
            )
        )
        before = end
    return groups


def _keys_from(groups: Sequence[_Group], start: int) -> Iterator[tuple[int, str]]:
    """The keys of the runs that begin at a group, with where they end, the shortest first.

    A run that begins or ends inside a word needs enough digits to be more than a coincidence.
    """
    key, digits = "", 0
    for end in range(start, min(start + MOST_GROUPS, len(groups))):
        group = groups[end]
        if end > start and not group.continues:
            return
        key += group.text
        digits += len(group.text) if group.text.isdigit() else 0
        if len(key) > LONGEST or len(key) - digits > MOST_LETTERS:
            return
        whole_words = groups[start].opens and group.closes
        if digits and (whole_words or digits >= TELLING_DIGITS):
            yield end + 1, key


def _tells(key: str) -> bool:
    return not key.isdigit() or len(key) >= TELLING_DIGITS


def _bare(key: str) -> str:
    """What to look up among digits alone: nothing for a key with letters, or a short one."""
    digits = key.lstrip("0")
    return digits if digits.isdigit() and len(digits) >= TELLING_DIGITS else ""


def _as_written(named: Sequence[Name], groups: Sequence[_Group]) -> tuple[Name, ...]:
    """Of several numbers with the same letters and digits the one in the same groups, if any."""
    written = [group.text for group in groups]
    same = [name for name in named if _GROUP.findall(name.number.upper()) == written]
    return tuple(same or named)
