"""Which payment that is in the books already is a bank line, or does it take back?

A payment entered by hand would be counted twice if its line became another one, so a line that is
tied to one is proposed for it, whatever it could settle besides. A line is a return only where the
bank says so: nobody's money leaves us for a reason we guess.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from o2c.core.money import minor_units
from o2c.core.number_keys import number_key
from reconciliation.rules.evidence import (
    Evidence,
    EvidenceKind,
    KnownPayer,
    Proposal,
    Purpose,
    Tier,
)
from reconciliation.rules.names import normal_name
from reconciliation.rules.numbers import TELLING_DIGITS, Name, mentions

NEAR_DAYS = 60  # a payment entered by hand and its line, when something ties them
CLOSE_DAYS = 10  # the same, when only payer or amount speak for it
_NO_REFERENCE = {"", "NOTPROVIDED"}  # ISO 20022: the payer gave no end-to-end reference


@dataclass(frozen=True)
class KnownLine:
    """A bank line. Amount in the account's currency, money in positive; `told` is all it says."""

    amount: Decimal
    currency: str
    entry_date: date
    value_date: date
    told: str
    account: str = ""
    name: str = ""
    end_to_end_id: str = ""
    names_open_items: bool = False
    said: str = ""  # why the bank took it back
    payers: Sequence[KnownPayer] = ()


@dataclass(frozen=True)
class KnownPayment:
    """A payment in the books. `amount` as on the bank, positive; `documents` it settled.

    Account, name and end-to-end reference are those of its own bank line, when it has one.
    """

    payment_id: int
    number: str
    payer_id: int | None
    payer: str
    amount: Decimal
    value_date: date
    documents: tuple[str, ...] = ()
    is_used_up: bool = False
    reference: str = ""
    account: str = ""
    name: str = ""
    end_to_end_id: str = ""


@dataclass
class _Tie:
    """What speaks for one payment: `telling` is said of no other, `likely` of all of a payer."""

    payment: KnownPayment
    telling: list[Evidence] = field(default_factory=list)
    likely: list[Evidence] = field(default_factory=list)

    @property
    def evidence(self) -> list[Evidence]:
        return [*self.telling, *self.likely]


def propose_join(line: KnownLine, entered: Collection[KnownPayment]) -> Proposal | None:
    """The payment entered by hand that a line is; None when nothing says so.

    `entered` are of the line's account, currency and direction.
    """
    ties = [
        _tie(line, payment)
        for payment in entered
        if payment.amount == abs(line.amount)
        and _days_apart(line, payment) <= NEAR_DAYS
        and _payer_may_be(line, payment)
    ]
    telling = [tie for tie in ties if tie.telling]
    close = [
        tie
        for tie in ties
        if _days_apart(line, tie.payment) <= CLOSE_DAYS
        and not (line.names_open_items and tie.payment.is_used_up)
    ]
    likely = [tie for tie in close if tie.likely]
    if telling:
        tier = Tier.EXACT if len(telling) == 1 else Tier.STRONG
    elif likely:
        tier = Tier.STRONG if len(likely) == 1 else Tier.POSSIBLE
    elif len(close) == 1 and not line.payers and not line.names_open_items:
        tier = Tier.POSSIBLE
    else:
        return None
    chosen = min(telling or likely or close, key=lambda tie: _order(line, tie))
    said = Evidence(EvidenceKind.ENTERED_BY_HAND, chosen.payment.number, chosen.payment.payer)
    alike = _alike(telling or likely)
    return _proposal(line, chosen, tier, Purpose.JOINS, (said, *chosen.evidence, *alike))


def propose_return(line: KnownLine, received: Collection[KnownPayment]) -> Proposal | None:
    """The payment that a line of money out takes back; None when none fits.

    `received` came on the line's account, by its day, over its amount or a little less: what the
    line is more is the bank's fee.
    """
    assert line.amount < 0, line
    ties = [_tie(line, payment) for payment in received if _payer_may_be(line, payment)]
    telling = [tie for tie in ties if tie.telling]
    equal = [tie for tie in ties if tie.payment.amount == -line.amount]
    likely = [tie for tie in equal if tie.likely] or [tie for tie in ties if tie.likely]
    if telling:
        tier = Tier.EXACT if len(telling) == 1 else Tier.STRONG
    elif likely:
        tier = Tier.STRONG if len(likely) == 1 else Tier.POSSIBLE
    elif len(equal) == 1:
        tier = Tier.POSSIBLE
    else:
        return None
    chosen = min(telling or likely or equal, key=lambda tie: _order(line, tie))
    said = Evidence(EvidenceKind.TAKES_BACK, chosen.payment.number, line.said)
    fee = -line.amount - chosen.payment.amount
    shown = f"{fee:.{minor_units(line.currency)}f} {line.currency}"
    more = [Evidence(EvidenceKind.WITH_FEE, shown)] if fee else []
    alike = _alike(telling or likely)
    return _proposal(line, chosen, tier, Purpose.RETURNS, (said, *chosen.evidence, *more, *alike))


def _tie(line: KnownLine, payment: KnownPayment) -> _Tie:
    tie = _Tie(payment)
    if _is_same_reference(line, payment):
        tie.telling.append(Evidence(EvidenceKind.SAME_REFERENCE, payment.number))
    names = {number_key(number): [Name(0, "", number)] for number in payment.documents}
    named = {name.number for said in mentions(line.told, names, {}) for name in said.names}
    tie.telling += [
        Evidence(EvidenceKind.SAME_DOCUMENT, payment.number, number) for number in sorted(named)
    ]
    if line.account and line.account == payment.account:
        tie.likely.append(Evidence(EvidenceKind.SAME_ACCOUNT, payment.number, line.account))
    elif line.name and normal_name(line.name) == normal_name(payment.name):
        tie.likely.append(Evidence(EvidenceKind.SAME_NAME, payment.number, line.name))
    elif payment.payer_id in {payer.payer_id for payer in line.payers}:
        tie.likely.append(Evidence(EvidenceKind.OF_THIS_PAYER, payment.number, payment.payer))
    return tie


def _is_same_reference(line: KnownLine, payment: KnownPayment) -> bool:
    """Whether both carry the payer's reference, or the line says what was typed in for it."""
    if line.end_to_end_id == payment.end_to_end_id and line.end_to_end_id not in _NO_REFERENCE:
        return True
    typed = number_key(payment.reference)
    digits = sum(sign.isdigit() for sign in typed)
    return digits >= TELLING_DIGITS and typed in number_key(line.told)


def _payer_may_be(line: KnownLine, payment: KnownPayment) -> bool:
    """Not when the line certainly comes from somebody else."""
    certain = {payer.payer_id for payer in line.payers if payer.certain}
    return not certain or payment.payer_id is None or payment.payer_id in certain


def _days_apart(line: KnownLine, payment: KnownPayment) -> int:
    return abs((line.value_date - payment.value_date).days)


def _order(line: KnownLine, tie: _Tie) -> tuple[int, Decimal, int, int]:
    """What speaks most for it, then the amount, the day, and the one entered first."""
    difference = abs(abs(line.amount) - tie.payment.amount)
    days = _days_apart(line, tie.payment)
    return -len(tie.evidence), difference, days, tie.payment.payment_id


def _alike(ties: Sequence[_Tie]) -> tuple[Evidence, ...]:
    return (Evidence(EvidenceKind.SEVERAL_ALIKE, str(len(ties))),) if len(ties) > 1 else ()


def _proposal(
    line: KnownLine, tie: _Tie, tier: Tier, purpose: Purpose, evidence: tuple[Evidence, ...]
) -> Proposal:
    payment, whole = tie.payment, abs(line.amount)
    return Proposal(tier, payment.payer_id, (), whole, evidence, purpose, payment.payment_id)
