"""What applied matches teach about their payers, and how it is forgotten."""

from collections import Counter
from collections.abc import Iterable

from django.db import connection

from o2c.core import prepared
from reconciliation.models import BankLine, Match, MatchKind, MatchTier
from reconciliation.rules import normal_name

#: whose money it is was somebody's judgement, so it teaches us
LEARNT_FROM = {MatchTier.STRONG, MatchTier.POSSIBLE, MatchTier.MANUAL, MatchTier.EXACT}


def learn(pairs: Iterable[tuple[Match, BankLine]]) -> None:
    """Remember the accounts and names that payers pay from, and how often."""
    known: Counter[tuple[int, str, str]] = Counter()
    for match, line in pairs:
        ibans, names = _aliases(match, line)
        for iban, name in zip(ibans, names, strict=True):
            assert match.payer_id is not None, f"{match} is applied and names nobody"
            known[match.payer_id, iban, name] += 1
    if not known:
        return
    rows = [(*key, times) for key, times in sorted(known.items())]
    prepared.execute(
        "INSERT INTO reconciliation_payeralias AS alias (customer_id, iban, name, times_used) "
        "SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::int[]) "
        "ON CONFLICT (customer_id, iban, name) "
        "DO UPDATE SET times_used = alias.times_used + EXCLUDED.times_used",
        [list(column) for column in zip(*rows, strict=True)],
    )


def unlearn(match: Match, line: BankLine) -> None:
    """Forget what this match alone has taught: it was wrong."""
    ibans, names = _aliases(match, line)
    if not ibans:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taught AS ("
            "SELECT alias.id, alias.times_used FROM reconciliation_payeralias alias "
            "JOIN unnest(%s::text[], %s::text[]) AS v(iban, name) USING (iban, name) "
            "WHERE alias.customer_id = %s), "
            "gone AS (DELETE FROM reconciliation_payeralias alias USING taught "
            "WHERE alias.id = taught.id AND taught.times_used <= 1) "
            "UPDATE reconciliation_payeralias alias SET times_used = alias.times_used - 1 "
            "FROM taught WHERE alias.id = taught.id AND taught.times_used > 1",
            [ibans, names, match.payer_id],
        )


def _aliases(match: Match, line: BankLine) -> tuple[list[str], list[str]]:
    """What an applied match teaches about its payer, as columns: accounts, names."""
    if match.tier not in LEARNT_FROM or match.kind != MatchKind.SETTLES:
        return [], []
    known = {(line.counterparty_iban, ""), ("", normal_name(line.counterparty_name))} - {("", "")}
    return [iban for iban, _name in sorted(known)], [name for _iban, name in sorted(known)]
