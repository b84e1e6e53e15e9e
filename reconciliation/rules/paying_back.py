"""Which credits does a bank line of money out pay back?

Only those it names: nobody's money leaves us for a reason we guess.
"""

from collections.abc import Mapping
from decimal import Decimal

from o2c.core.money import ZERO, minor_units
from reconciliation.rules.evidence import (
    Candidate,
    Evidence,
    EvidenceKind,
    LineFacts,
    Proposal,
    Tier,
)
from reconciliation.rules.naming import named_items
from reconciliation.rules.spreading import in_full, oldest_first


def propose_paying_back(line: LineFacts, credits: Mapping[int, Candidate]) -> Proposal | None:
    """The credits of one customer that a line names; None when none is open, or of several.

    `line.amount` is negative; `open_amount` of the credits is what we owe, positive. Exact when
    the named credits make the amount, else strong, with what is too much left on account, or only
    possible where it names one that is paid back already.
    """
    assert line.amount < 0, line
    paid = -line.amount
    usable = {pk: credit for pk, credit in credits.items() if credit.currency == line.currency}
    named = named_items(line, usable, ())
    if line.our_own or not named.sure or not named.items or len(named.payers) != 1:
        return None
    items = list(named.items.values())
    total = sum((item.open_amount for item in items), ZERO)
    if total == paid:
        shares, left, tier = in_full(items), ZERO, Tier.EXACT
        reason = Evidence(EvidenceKind.AMOUNT_EQUAL, _money(paid, line))
    else:
        shares, left = oldest_first(paid, items)
        tier = Tier.POSSIBLE if named.gone else Tier.STRONG
        kind = EvidenceKind.OVER if paid > total else EvidenceKind.SHORT
        reason = Evidence(kind, _money(abs(paid - total), line))
    said = (*named.evidence, *named.why_gone, reason)
    return Proposal(tier, items[0].payer_id, shares, left, said)


def _money(amount: Decimal, line: LineFacts) -> str:
    return f"{amount:.{minor_units(line.currency)}f} {line.currency}"
