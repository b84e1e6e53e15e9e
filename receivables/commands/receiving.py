"""Money as it comes in, or goes out: recorded, and applied at once to what it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock_all
from o2c.core.days import NearDay, PastDay
from o2c.core.errors import RuleViolation
from o2c.core.money import ZERO, UnknownCurrency, convert, minor_units, round_amount, round_to
from o2c.core.transitions import begin_many
from o2c.ledger.commands import EntryDraft
from o2c.ledger.models import Role
from o2c.masters.queries import company, rate_on
from o2c.web.formats import money_text
from receivables.commands.allocations import (
    applied_facts,
    booking_of,
    use_payment,
)
from receivables.commands.applying import book
from receivables.commands.paying_out import beyond_what_is_there, hold_what_pays
from receivables.commands.payments import money_entry, other_side
from receivables.models import (
    Allocation,
    Direction,
    OpenItem,
    Payment,
    PaymentMethod,
    PaymentState,
)
from receivables.models.payments import MOST_MONEY
from receivables.rules.allocation import Share


@dataclass(frozen=True)
class Receipt:
    """Money as it came (or went back), before it is a payment; `amount` positive, in `currency`.

    Without a customer it waits for one on the bank suspense account. `base_amount` is what it
    brought in base currency, where the bank says so; by default the posting day's rate decides.
    `bank_line_id` names the statement line, `bank_line_part` counts its payers from 1. `shares`
    are the open items it is for.
    """

    bank_account_id: int
    amount: Decimal
    currency: str
    value_date: NearDay
    customer_id: int | None = None
    posting_date: PastDay | None = None
    direction: str = Direction.IN
    method: str = PaymentMethod.TRANSFER
    reference: str = ""
    payer_name: str = ""
    bank_line_id: int | None = None
    bank_line_part: int = 1
    base_amount: Decimal | None = None
    shares: Sequence[Share] = ()


@command
def record_payment(receipt: Receipt, *, actor: Actor) -> Payment:
    """Record money received, or paid back; apply it at once where the receipt has shares.

    Locks the items of the shares. Raises RuleViolation.
    """
    return settle([receipt], actor=actor)[0]


@command
def settle(receipts: Sequence[Receipt], *, actor: Actor) -> list[Payment]:
    """Record several receipts and apply each to its shares.

    What is paid out beyond what the customer has with us waits for another person's approval and
    is not applied before. Locks what it is paid from, then all items at once. However many
    receipts of money in take the same number of statements. Raises RuleViolation.
    """
    require(actor, "receivables.record_payment")
    for receipt in receipts:
        _refuse_wrong_receipt(receipt)
    hold_what_pays(
        (receipt.customer_id, receipt.currency)
        for receipt in receipts
        if receipt.direction == Direction.OUT and receipt.customer_id is not None
    )
    item_ids = [share.open_item_id for receipt in receipts for share in receipt.shares]
    if item_ids:
        require(actor, Payment.permission("allocate"))
    items = lock_all(OpenItem, item_ids) if item_ids else {}
    if any(receipt.direction == Direction.OUT for receipt in receipts):
        # Each sees what the one before has left of the customer's money.
        return [_receive([receipt], items, actor)[0] for receipt in receipts]
    return _receive(receipts, items, actor)


class Received(NamedTuple):
    """A payment to be stored, what it is applied to, and what its event says."""

    payment: Payment
    allocations: Sequence[Allocation]
    event: str
    facts: dict[str, Any]


def _receive(
    receipts: Sequence[Receipt], items: Mapping[int, OpenItem], actor: Actor
) -> list[Payment]:
    """Store the payments of receipts and post them, in a number of statements that is the same
    for many."""
    base_currency = company().base_currency if receipts else ""
    received = [_received(receipt, items, base_currency) for receipt in receipts]
    for event in dict.fromkeys(one.event for one in received):
        alike = [one for one in received if one.event == event]
        begin_many(
            [one.payment for one in alike],
            actor=actor,
            event=event,
            facts=[one.facts for one in alike],
        )
    money = [_money_received(one.payment) for one in received]
    bookings = [booking_of(one.payment, one.allocations) for one in received if one.allocations]
    book(bookings, also=money, actor=actor)
    return [one.payment for one in received]


def _received(receipt: Receipt, items: Mapping[int, OpenItem], base_currency: str) -> Received:
    beyond = ZERO
    if receipt.direction == Direction.OUT and receipt.customer_id is not None:
        beyond = beyond_what_is_there(receipt.customer_id, receipt.currency, receipt.amount)
    payment = _payment(receipt, beyond, base_currency)
    allocations: list[Allocation] = []
    if receipt.shares and not beyond:
        allocations = use_payment(payment, receipt.shares, items)
    amount = round_amount(receipt.amount, receipt.currency)
    facts: dict[str, Any] = {"amount": amount, "currency": receipt.currency}
    if receipt.reference:
        facts["reference"] = receipt.reference
    if allocations:
        facts |= applied_facts(allocations)
    if beyond:
        facts["beyond"] = money_text(beyond, receipt.currency)
    event = "settled" if allocations else "asked" if beyond else "recorded"
    return Received(payment, allocations, event, facts)


def _money_received(payment: Payment) -> EntryDraft:
    day, other = payment.posting_date, other_side(payment)
    return money_entry(payment, "record", day, debit=Role.BANK, credit=other)


def _payment(receipt: Receipt, beyond: Decimal, base_currency: str) -> Payment:
    posting_date = receipt.posting_date or min(receipt.value_date, clock.today())
    known = receipt.customer_id is not None and not beyond
    state = PaymentState.RECEIVED if known else PaymentState.UNASSIGNED
    return Payment(
        state=PaymentState.WAITING if beyond else state,
        beyond=beyond,
        direction=receipt.direction,
        customer_id=receipt.customer_id,
        bank_account_id=receipt.bank_account_id,
        amount=receipt.amount,
        currency=receipt.currency,
        base_amount=_base_amount(receipt, posting_date, base_currency),
        method=receipt.method,
        reference=receipt.reference,
        payer_name=receipt.payer_name,
        bank_line_id=receipt.bank_line_id,
        bank_line_part=receipt.bank_line_part,
        value_date=receipt.value_date,
        posting_date=posting_date,
        assigned_date=posting_date if known else None,
        assigned_at=clock.now() if known else None,
    )


def _base_amount(receipt: Receipt, posting_date: date, base_currency: str) -> Decimal:
    if receipt.base_amount is not None:
        return receipt.base_amount
    if receipt.currency == base_currency:
        return receipt.amount
    return convert(receipt.amount, rate_on(receipt.currency, posting_date), base_currency)


def _refuse_wrong_receipt(receipt: Receipt) -> None:
    try:
        places = minor_units(receipt.currency)
    except UnknownCurrency:
        raise RuleViolation(
            _("“%(code)s” is no currency.") % {"code": receipt.currency}, field="currency"
        ) from None
    if not receipt.amount.is_finite() or not 0 < receipt.amount < MOST_MONEY:
        raise RuleViolation(
            _("The amount must be greater than zero, with at most 15 digits before the point."),
            field="amount",
        )
    if round_to(receipt.amount, places) != receipt.amount:
        raise RuleViolation(
            _("Amounts in %(currency)s have %(places)s decimals.")
            % {"currency": receipt.currency, "places": places},
            field="amount",
        )
    for field, given, kinds in (
        ("direction", receipt.direction, Direction),
        ("method", receipt.method, PaymentMethod),
    ):
        if given not in kinds.values:
            raise RuleViolation(
                _("“%(given)s” is not known here. There are: %(known)s.")
                % {"given": given[:40], "known": ", ".join(kinds.values)},
                field=field,
            )
    if receipt.shares and receipt.customer_id is None:
        raise RuleViolation(_("Say whose money it is before applying it."), field="customer")
