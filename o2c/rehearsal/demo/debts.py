"""The last bank day, and what is left to do about money: for cash clerk, collector, controller."""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F

from invoicing.commands import draft_credit_note
from invoicing.models import CreditKind, Invoice
from o2c.core import clock
from o2c.masters.models import BankAccount
from o2c.rehearsal.demo.calendar import hour
from o2c.rehearsal.demo.cash import Cash, unknown_payer
from o2c.rehearsal.demo.trade import Trade
from orders.models import OrderState
from receivables.commands import (
    Receipt,
    approve_write_off,
    open_dispute,
    pause_dunning,
    propose_dunning,
    record_payment,
    record_promise,
    request_write_off,
    reverse_payment,
)
from receivables.models import DisputeReason, OpenItem, Payment, PaymentMethod, WriteOffReason
from receivables.rules.allocation import Share
from reconciliation.adapters import EntryRecord

CENT = Decimal("0.01")
CHEQUE, RETURN_FEE = Decimal("236.00"), Decimal("3.50")
_ORIGINAL, _ORDER_GROSS = F("original"), F("order__gross")


def leave_work(trade: Trade, cash: Cash, last: date) -> None:
    """Everything about money that waits for somebody this morning."""
    staff = trade.staff
    with clock.at(hour(last, 18, 15)):
        back = _paid_without_the_bank(cash)
        _write_offs(trade)
        _objections(trade)
    cash.bank_day(last, extra=_puzzles(last, back))
    draft_credit_note(
        _recent_invoice().pk, kind=CreditKind.GOODWILL, reason="Late delivery before the fair",
        amounts=_a_tenth(_recent_invoice()), actor=staff["bilal"],
    )  # fmt: skip
    propose_dunning(actor=staff["cora"])


def _puzzles(day: date, back: Payment) -> list[EntryRecord]:
    """A line for each tier of the matcher that the week may have left out; the cheque that was
    entered by hand, and `back`, a payment that the bank takes back."""
    named, short, same = _debts("EUR", 3)
    return [
        unknown_payer(day, named.open_amount, named.customer.legal_name, named.document_number),
        unknown_payer(
            day, short.open_amount - Decimal("12.80"), short.customer.legal_name,
            f"{short.document_number} less damaged goods",
        ),
        unknown_payer(day, same.open_amount, "Sammelkonto Onlinezahlung", "Customer payment"),
        unknown_payer(day, CHEQUE, "Hansebank Lübeck", "Cheque deposit 001187"),
        EntryRecord(
            day, day, -(back.total + RETURN_FEE), back.currency,
            text=f"Direct debit returned, {back.reference}, fee {RETURN_FEE}",
            counterparty_name="Hansebank Lübeck", is_return=True, return_reason="MD06",
            return_text="Refund requested by the debtor",
        ),
        unknown_payer(
            day, Decimal("148.20"), "Stadtwerke Nord", "Refund electricity, contract 88021"
        ),
    ]  # fmt: skip


def _paid_without_the_bank(cash: Cash) -> Payment:
    """A card payment, a debit that bounced, one that will, money on account, and a cheque from
    nobody knows. Returns the debit that will come back."""
    carlo = cash.staff["carlo"]
    card, bounced, on_account, returned = _debts("EUR", 4, whole_order=True)
    record_payment(
        _receipt(cash, card, PaymentMethod.CARD, (Share(card.pk, card.open_amount),)), actor=carlo
    )
    debit = record_payment(
        _receipt(
            cash, bounced, PaymentMethod.DIRECT_DEBIT, (Share(bounced.pk, bounced.open_amount),)
        ),
        actor=carlo,
    )
    reverse_payment(debit.pk, reason="Returned by the bank: no funds", actor=carlo)
    record_payment(_receipt(cash, on_account, PaymentMethod.TRANSFER, ()), actor=carlo)
    cheque = Receipt(
        bank_account_id=cash.accounts["EUR"].pk, amount=CHEQUE, currency="EUR",
        value_date=clock.today(), method=PaymentMethod.CHEQUE, reference="Cheque 001187",
        payer_name="illegible",
    )  # fmt: skip
    record_payment(cheque, actor=carlo)
    shares = (Share(returned.pk, returned.open_amount),)
    return record_payment(_receipt(cash, returned, PaymentMethod.DIRECT_DEBIT, shares), actor=carlo)


def _receipt(cash: Cash, item: OpenItem, method: str, shares: tuple[Share, ...]) -> Receipt:
    account: BankAccount = cash.accounts[item.currency]
    return Receipt(
        bank_account_id=account.pk,
        amount=item.open_amount,
        currency=item.currency,
        value_date=clock.today(),
        customer_id=item.customer_id,
        method=method,
        reference=f"{item.document_number}",
        shares=shares,
    )


def _write_offs(trade: Trade) -> None:
    """One given up already, one that waits for the controller."""
    cora, corinna = trade.staff["cora"], trade.staff["corinna"]
    rests = OpenItem.objects.debts().exclude(open_amount=_ORIGINAL).order_by("open_amount", "pk")
    small, larger = rests[:2]
    request = request_write_off(
        small.pk, amount=small.open_amount, reason=WriteOffReason.SMALL_DIFFERENCE,
        note="Not worth another letter.", actor=cora,
    )  # fmt: skip
    approve_write_off(request.pk, note="Agreed.", actor=corinna)
    request_write_off(
        larger.pk, amount=larger.open_amount, reason=WriteOffReason.OTHER,
        note="Customer says the rest was deducted for breakage.", actor=cora,
    )  # fmt: skip


def _objections(trade: Trade) -> None:
    """What customers answered: a dispute, a promise, a request for patience."""
    cora = trade.staff["cora"]
    disputed, promised, patient = (
        OpenItem.objects.overdue(clock.today())
        .filter(order__isnull=False)
        .order_by("-open_amount", "pk")[:3]
    )
    open_dispute(
        disputed.pk, amount=(disputed.open_amount / 4).quantize(CENT),
        reason=DisputeReason.DAMAGE, note="Two cartons arrived wet.", actor=cora,
    )  # fmt: skip
    record_promise(
        promised.pk, amount=promised.open_amount, note="Will pay after the season's sale.",
        promised_date=clock.today() + timedelta(days=9), actor=cora,
    )  # fmt: skip
    pause_dunning(
        patient.customer_id, until=clock.today() + timedelta(days=14),
        reason="New owner is looking through the books", actor=cora,
    )  # fmt: skip


def _debts(currency: str, count: int, *, whole_order: bool = False) -> list[OpenItem]:
    """Untouched debts not due yet, of different amounts; with `whole_order` all an order owes."""
    items = OpenItem.objects.debts().filter(
        currency=currency, order__isnull=False, open_amount=_ORIGINAL,
        due_date__gt=clock.today(), discount=0,
    )  # fmt: skip
    if whole_order:
        items = items.filter(order__state=OrderState.INVOICED, original=_ORDER_GROSS)
    return list(items.select_related("customer").order_by("due_date", "pk")[:count])


def _recent_invoice() -> Invoice:
    return Invoice.objects.posted().filter(kind="invoice").latest("pk")


def _a_tenth(invoice: Invoice) -> dict[int, Decimal]:
    line = invoice.lines.order_by("-net").first()
    assert line is not None
    return {line.pk: (line.net / 10).quantize(CENT)}
