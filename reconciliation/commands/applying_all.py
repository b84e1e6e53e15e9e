"""Applying what leaves nothing to decide, many at a time."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from o2c.core.actors import Actor
from o2c.core.errors import FormRefused, RuleViolation
from reconciliation.commands.applying import apply_match, apply_together
from reconciliation.models import Match, MatchKind
from reconciliation.queries import matches_to_apply

MOST_AT_ONCE = 500  # matches one click applies: some seconds
#: Matches of one transaction: what settles them joins it, so it is no more than may join.
SET = 50

Refused = list[tuple[Match, str]]


def apply_matches(
    statement_id: int | None, tiers: Iterable[str], *, actor: Actor
) -> tuple[int, Refused]:
    """Apply every proposed match of these tiers, in sets of a transaction each.

    Of one statement, or the oldest `MOST_AT_ONCE` of all whose balances fit. Returns how many, and
    those refused with the reason: where a set is refused, each of it is applied alone. Not a
    command: one failure must not take the others back. Raises FormRefused where none can be
    applied for the form that asks.
    """
    applied, refused = 0, Refused()
    matches = matches_to_apply(tiers, statement_id)[: None if statement_id else MOST_AT_ONCE]
    for some in _sets(matches):
        count, no = _apply(some, actor)
        applied += count
        refused += no
    return applied, refused


def _sets(matches: Iterable[Match]) -> Iterator[list[Match]]:
    """In their order, with money out and what is in the books already each alone."""
    for is_plain, run in groupby(matches, key=_is_plain):
        while some := list(islice(run, SET if is_plain else 1)):
            yield some


def _is_plain(match: Match) -> bool:
    return match.kind == MatchKind.SETTLES and match.bank_line.amount > 0


def _apply(matches: Sequence[Match], actor: Actor) -> tuple[int, Refused]:
    try:
        if len(matches) > 1:
            apply_together([match.pk for match in matches], actor=actor)
        else:
            apply_match(matches[0].pk, actor=actor)
    except FormRefused:
        raise
    except RuleViolation as no:
        if len(matches) == 1:
            return 0, [(matches[0], str(no))]
        counts, refused = zip(*(_apply([match], actor) for match in matches), strict=True)
        return sum(counts), [pair for some in refused for pair in some]
    return len(matches), []
