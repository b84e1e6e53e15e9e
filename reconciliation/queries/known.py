"""Payments in the books that a bank line may be, or may take back."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from o2c.core.fields import AmountField
from o2c.core.money import ZERO
from receivables.models import Allocation, Direction, Payment, PaymentState
from reconciliation.models import BankLine, Match, MatchState
from reconciliation.queries.payers import payers_of
from reconciliation.queries.transactions import told, whole_of
from reconciliation.rules import (
    NEAR_DAYS,
    KnownLine,
    KnownPayment,
    Proposal,
    Tier,
    propose_join,
    propose_return,
)

MOST = 20  # payments offered on a page
MOST_FEE = Decimal(50)  # what a bank may take on top of a return, in the account's currency
_NEAR = timedelta(days=NEAR_DAYS)
#: account, currency and amount, as the bank books them
_Alike = tuple[int, str, Decimal]
_ON_BANK = ExpressionWrapper(F("amount") + F("fee"), output_field=AmountField())


def payments_it_may_be(line: BankLine) -> list[Payment]:
    """Payments entered by hand of this line's account, direction and amount."""
    near = (line.value_date - _NEAR, line.value_date + _NEAR)
    found = _entered_by_hand([line.size]).filter(
        bank_account=line.account_id,
        currency=line.currency,
        direction=_direction(line),
        value_date__range=near,
    )
    return list(_shown(found)[:MOST])


def payments_it_may_be_part_of(line: BankLine, payer_id: int | None) -> list[Payment]:
    """Payments that this payer is said by hand to have made over more than the line: it may be one
    of several lines that are one of them (ADR 64)."""
    if payer_id is None:
        return []
    near = (line.value_date - _NEAR, line.value_date + _NEAR)
    larger = _standing_by_hand(booked__gt=line.size).filter(
        customer=payer_id,
        bank_account=line.account_id,
        currency=line.currency,
        direction=_direction(line),
        value_date__range=near,
    )
    return list(_shown(larger)[:MOST])


def payments_it_may_return(line: BankLine) -> list[Payment]:
    """Money received that a line of money out may take back, fee or no fee, latest first."""
    if line.amount >= 0:
        return []
    return list(_shown(_not_returned().filter(_taken_back_by(line)))[:MOST])


def _shown(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    return payments.select_related("customer").order_by("-value_date", "-pk")


def _entered_by_hand(sizes: Collection[Decimal]) -> QuerySet[Payment]:
    """Payments that stand and are no bank line, of what the bank books with such an amount."""
    return _standing_by_hand(booked__in=sizes)


def _standing_by_hand(**booked: Any) -> QuerySet[Payment]:
    """Payments that stand and are no bank line, by what the bank would book for them."""
    payments = Payment.objects.filter(bank_line_id=None).exclude(state=PaymentState.REVERSED)
    return payments.alias(booked=_ON_BANK).filter(**booked)


def _not_returned() -> QuerySet[Payment]:
    """Money received that did not come back yet."""
    came_back = Payment.objects.exclude(state=PaymentState.REVERSED).exclude(returns=None)
    received = Payment.objects.filter(direction=Direction.IN, state=PaymentState.RECEIVED)
    return received.exclude(pk__in=came_back.values("returns_id"))


def _taken_back_by(line: BankLine) -> Q:
    """What came before the line; what came in a closed month is posted after it."""
    came_before = Q(posting_date__lte=line.entry_date) | Q(value_date__lte=line.entry_date)
    return came_before & Q(
        bank_account=line.account_id, currency=line.currency, amount__range=_range(line)
    )


def _range(line: BankLine) -> tuple[Decimal, Decimal]:
    """What a line may take back: itself, or so much less that the rest is the bank's fee."""
    return line.size - MOST_FEE, line.size


def _direction(line: BankLine) -> str:
    return Direction.IN if line.amount > 0 else Direction.OUT


@dataclass(frozen=True)
class _Question:
    """A line, and the payments entered by hand and received before that may answer it."""

    line: KnownLine
    entered: Sequence[KnownPayment]
    received: Sequence[KnownPayment]

    def answer(self, used: Collection[int | None]) -> Proposal | None:
        """What the line is or takes back, of the payments that no other line has used."""
        entered = [p for p in self.entered if p.payment_id not in used]
        received = [p for p in self.received if p.payment_id not in used]
        return propose_join(self.line, entered) or (
            propose_return(self.line, received) if received else None
        )


def known_answers(lines: Sequence[BankLine], naming: Collection[int]) -> dict[int, Proposal]:
    """By line: the payment in the books that it is, or takes back; no two lines the same one.

    `naming` are the lines that name something open.
    """
    asked = _questions(lines, naming)
    answers = {pk: question.answer(()) for pk, question in asked.items()}
    found: dict[int, Proposal] = {}
    used: set[int | None] = set()
    for pk in sorted(answers, key=lambda pk: _surest_first(answers[pk])):
        proposal = answers[pk]
        if proposal is not None and proposal.payment_id in used:
            proposal = asked[pk].answer(used)
        if proposal is not None:
            used.add(proposal.payment_id)
            found[pk] = proposal
    return found


def _surest_first(proposal: Proposal | None) -> int:
    return len(Tier) if proposal is None else list(Tier).index(proposal.tier)


def _questions(lines: Sequence[BankLine], naming: Collection[int]) -> dict[int, _Question]:
    """The lines for which there is a payment that fits: of the same account, currency and amount.

    A line that comes back can only be a return.
    """
    waiting = [line for line in lines if not (line.amount > 0 and line.comes_back)]
    entered = _entered_alike(waiting) if waiting else []
    returns = [line for line in waiting if line.comes_back]
    received = _received_alike(returns) if returns else []
    if not entered and not received:
        return {}
    known = _as_known(list({payment.pk: payment for payment in (*entered, *received)}.values()))
    arrivals = _arrivals(received, known)
    alike: dict[_Alike, list[Payment]] = defaultdict(list)
    for payment in entered:
        booked = payment.sign * payment.on_bank
        alike[payment.bank_account_id, payment.currency, booked].append(payment)
    fitting: dict[int, tuple[list[KnownPayment], list[KnownPayment]]] = {
        line.pk: (
            [
                known[payment.pk]
                for payment in alike.get((line.account_id, line.currency, line.amount), ())
                if not line.comes_back or payment.returns_id is not None
            ],
            [came for first, came in arrivals if line.comes_back and _fits(line, first, came)],
        )
        for line in waiting
    }
    asked = [line for line in waiting if any(fitting[line.pk])]
    told_by = _as_lines(asked, naming) if asked else {}
    return {line.pk: _Question(told_by[line.pk], *fitting[line.pk]) for line in asked}


def _entered_alike(lines: Sequence[BankLine]) -> list[Payment]:
    """Payments entered by hand that may be one of the lines."""
    days = [line.value_date for line in lines]
    found = _entered_by_hand({line.size for line in lines}).filter(
        bank_account__in={line.account_id for line in lines},
        value_date__range=(min(days) - _NEAR, max(days) + _NEAR),
        state__in=[PaymentState.RECEIVED, PaymentState.UNASSIGNED],
    )
    return list(_unproposed(found))


def _received_alike(lines: Sequence[BankLine]) -> list[Payment]:
    """Money received that one of the lines may take back, by itself or with all that came by the
    same line."""
    fitting, together = Q(), Q()
    for line in lines:
        fitting |= _taken_back_by(line)
        together |= Q(
            account=line.account_id, amount__range=_range(line), entry_date__lte=line.entry_date
        )
    collected = BankLine.objects.filter(together, amount__gt=0, payment__isnull=False)
    fitting |= Q(bank_line_id__in=collected.values("pk"))
    return list(_unproposed(_not_returned().filter(fitting)))


def _unproposed(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Those no other line is proposed for."""
    live = Match.objects.filter(state=MatchState.PROPOSED, payment=OuterRef("pk"))
    return payments.exclude(Exists(live)).select_related("customer").order_by("pk")


def _arrivals(
    received: Sequence[Payment], known: Mapping[int, KnownPayment]
) -> list[tuple[Payment, KnownPayment]]:
    """Payments received with what the rules see of them; those of one line as a whole, too."""
    by_line: dict[int, list[Payment]] = defaultdict(list)
    for payment in received:
        by_line[payment.bank_line_id or -payment.pk].append(payment)
    arrivals = []
    for together in by_line.values():
        first = min(together, key=lambda payment: payment.bank_line_part)
        arrivals += [(payment, known[payment.pk]) for payment in together]
        if len(together) > 1:
            parts = [known[payment.pk] for payment in together]
            whole = replace(
                known[first.pk],
                amount=sum((part.amount for part in parts), ZERO),
                documents=tuple(number for part in parts for number in part.documents),
            )
            arrivals.append((first, whole))
    return arrivals


def _fits(line: BankLine, payment: Payment, came: KnownPayment) -> bool:
    """Whether the line may take back what came, as `_received_alike` asks the database."""
    least, most = _range(line)
    return (
        (payment.bank_account_id, payment.currency) == (line.account_id, line.currency)
        and least <= came.amount <= most
        and min(payment.posting_date, payment.value_date) <= line.entry_date
    )


def _as_known(payments: Collection[Payment]) -> dict[int, KnownPayment]:
    """Payments as the rules see them; a return names what it has opened."""
    of = {payment.pk: payment.returns_id or payment.pk for payment in payments}
    stands = Q(reversed_by=None) | Q(payment__in=[p.returns_id for p in payments if p.returns_id])
    settled = Allocation.objects.filter(stands, payment__in=set(of.values()), reverses=None)
    documents: dict[int, list[str]] = defaultdict(list)
    for payment_id, number in settled.values_list("payment", "open_item__document_number"):
        documents[payment_id].append(number)
    lines = BankLine.objects.in_bulk([p.bank_line_id for p in payments if p.bank_line_id])
    return {
        payment.pk: _known(payment, documents[of[payment.pk]], lines.get(payment.bank_line_id))
        for payment in payments
    }


def _known(payment: Payment, documents: Sequence[str], line: BankLine | None) -> KnownPayment:
    return KnownPayment(
        payment_id=payment.pk,
        number=str(payment),
        payer_id=payment.customer_id,
        payer=payment.customer.name if payment.customer else "",
        amount=payment.on_bank,
        value_date=payment.value_date,
        documents=tuple(dict.fromkeys(documents)),
        is_used_up=not payment.left,
        reference=payment.reference,
        account=line.counterparty_iban if line else "",
        name=line.counterparty_name if line else payment.payer_name,
        end_to_end_id=line.end_to_end_id if line else "",
    )


def _as_lines(lines: Sequence[BankLine], naming: Collection[int]) -> dict[int, KnownLine]:
    """Lines as the rules see them."""
    payers = payers_of([whole_of(line) for line in lines])
    return {
        line.pk: KnownLine(
            amount=line.amount,
            currency=line.currency,
            entry_date=line.entry_date,
            value_date=line.value_date,
            told=told(line),
            account=line.counterparty_iban,
            name=line.counterparty_name,
            end_to_end_id=line.end_to_end_id,
            names_open_items=line.pk in naming,
            said=" ".join(filter(None, (line.return_reason, line.return_text))),
            payers=payers.of(whole_of(line)),
        )
        for line in lines
    }
