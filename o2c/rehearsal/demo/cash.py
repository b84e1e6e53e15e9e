"""How Nordlicht's customers pay, and what its two bank accounts tell week by week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from stdnum import iban

from credit.commands import feed_overdue
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.masters.models import BankAccount, Customer
from o2c.rehearsal.demo.calendar import hour
from o2c.rehearsal.demo.people import Staff
from receivables.models import OpenItem
from receivables.queries import overdue_by_customer
from reconciliation.adapters import EntryRecord, StatementRecord
from reconciliation.adapters.camt053_writer import write_camt053
from reconciliation.commands import (
    apply_matches,
    ignore_bank_line,
    import_statement,
    match_statement,
    reconcile_bank_statement,
)
from reconciliation.models import BankStatement, MatchState
from reconciliation.queries import open_lines

#: They pay nothing, whatever one writes to them.
NEVER = ("C1007", "C1017", "C1033")
#: They pay, but weeks late.
LATE = ("C1010", "C1022", "C1036")
#: They transfer once a fortnight what has fallen due, in one sum.
COLLECT = ("C1002", "C1013", "C1024")
OPENING = {"EUR": Decimal("48210.35"), "GBP": Decimal("9640.00")}
CENT = Decimal("0.01")
FEE = Decimal("-12.50")


@dataclass(frozen=True)
class Plan:
    """When and in which words a customer means to pay an open item, and which part of it."""

    day: date
    item_id: int
    customer_id: int
    words: str
    share: Decimal = Decimal(1)
    extra: Decimal = Decimal(0)


class Cash:
    """The customers' purses and our bank accounts."""

    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.random = Random(1492)
        self.customers = {customer.pk: customer for customer in Customer.objects.all()}
        self.accounts = {account.currency: account for account in BankAccount.objects.all()}
        self.balance = dict(OPENING)
        self.plans: list[Plan] = []
        self.seen = 0  # the newest open item somebody has made plans for
        self.statements = 0

    def see_bills(self) -> None:
        """Everybody plans how to pay what was billed since the last look."""
        fresh = OpenItem.objects.debts().filter(pk__gt=self.seen).select_related("order")
        for item in fresh.order_by("pk"):
            self.seen = item.pk
            plan = self._plan(item)
            if plan is not None:
                self.plans.append(plan)

    def _plan(self, item: OpenItem) -> Plan | None:
        code = self.customers[item.customer_id].code
        if code in NEVER or item.order is None:
            return None
        words, share, extra = item.document_number, Decimal(1), Decimal(0)
        chance = self.random.random()
        if chance < 0.10:
            words = "Thank you for your delivery"
        elif chance < 0.25:
            words = f"Our order {item.order.customer_reference}"
        elif chance < 0.29:
            share = Decimal(self.random.randrange(40, 90)) / 100
        elif chance < 0.32:
            extra = Decimal(self.random.randrange(5, 60))
        day = item.due_date + timedelta(days=self.random.randrange(-6, 3))
        if code in LATE:
            day = item.due_date + timedelta(days=self.random.randrange(9, 30))
        elif item.discount_date and self.random.random() < 0.75:
            day = item.discount_date - timedelta(days=self.random.randrange(4))
        elif code in COLLECT:
            day = item.due_date + timedelta(days=13 - item.due_date.toordinal() % 14)
        return Plan(max(day, item.document_date), item.pk, item.customer_id, words, share, extra)

    def bank_day(self, day: date, *, extra: Sequence[EntryRecord] = ()) -> list[BankStatement]:
        """The statements of the week that ends on day, in both currencies, imported and matched."""
        due = [plan for plan in self.plans if plan.day <= day]
        self.plans = [plan for plan in self.plans if plan.day > day]
        entries = self._entries(due, day)
        entries["EUR"] += [*extra, _entry(day, FEE, "EUR", "Account and transaction fees")]
        imported = []
        for currency, of_account in entries.items():
            with clock.at(hour(day, 18)):
                imported.append(self._import(currency, of_account, day))
        return imported

    def _entries(self, plans: Sequence[Plan], day: date) -> dict[str, list[EntryRecord]]:
        """What reaches the bank: one transfer per plan, one per customer for those who collect."""
        items = OpenItem.objects.in_bulk([plan.item_id for plan in plans])
        transfers: dict[tuple[int, str], list[tuple[Plan, Decimal]]] = defaultdict(list)
        for plan in plans:
            item = items[plan.item_id]
            amount = _amount(item, plan)
            if amount > 0:
                collects = self.customers[plan.customer_id].code in COLLECT
                key = (plan.customer_id, item.currency if collects else str(plan.item_id))
                transfers[key].append((plan, amount))
        entries: dict[str, list[EntryRecord]] = {"EUR": [], "GBP": []}
        for (customer_id, _key), parts in transfers.items():
            currency = items[parts[0][0].item_id].currency
            when = max(min(plan.day, day) for plan, _amount in parts)
            entries[currency].append(
                _entry(
                    when,
                    sum((amount for _plan, amount in parts), Decimal(0)),
                    currency,
                    ", ".join(plan.words for plan, _amount in parts),
                    self.customers[customer_id],
                )
            )
        return {key: sorted(some, key=lambda e: e.entry_date) for key, some in entries.items()}

    def _import(self, currency: str, entries: list[EntryRecord], day: date) -> BankStatement:
        self.statements += 1
        closing = self.balance[currency] + sum((e.amount for e in entries), Decimal(0))
        record = StatementRecord(
            account=self.accounts[currency].iban,
            currency=currency,
            statement_id=f"{currency}-{day:%Y-%m-%d}",
            sequence=str(self.statements),
            opening=self.balance[currency],
            closing=closing,
            opening_date=min((entry.entry_date for entry in entries), default=day),
            closing_date=day,
            entries=tuple(entries),
        )
        self.balance[currency] = closing
        data = write_camt053(record, clock.now())
        name, carlo = f"{record.statement_id}.xml", self.staff["carlo"]
        result = import_statement(self.accounts[currency].code, name, data, actor=carlo)
        assert not result.refused, result.as_json()
        statement = BankStatement.objects.latest("pk")
        match_statement(statement.pk, actor=carlo)
        return statement

    def settle(self, statement: BankStatement, *, sign_off: bool) -> None:
        """Carlo applies what has a payer and explains the rest; Corinna signs it off."""
        carlo = self.staff["carlo"]
        apply_matches(statement.pk, ["exact", "strong", "possible"], actor=carlo)
        for line in open_lines().filter(statement=statement):
            if line.amount < 0 or not line.matches.filter(
                state=MatchState.PROPOSED, payer__isnull=False
            ):
                ignore_bank_line(line.pk, reason=line.text[:80], actor=carlo)
        if sign_off and not open_lines().filter(statement=statement).exists():
            reconcile_bank_statement(statement.pk, actor=self.staff["corinna"])

    def tell_credit(self) -> None:
        """Credit learns who is late, and how much."""
        for customer_id, overdue in overdue_by_customer(list(self.customers)).items():
            feed_overdue(
                customer_id,
                base_amount=overdue.base_amount,
                oldest_due_date=overdue.oldest_due_date,
                actor=SYSTEM,
            )


def _amount(item: OpenItem, plan: Plan) -> Decimal:
    """What is still open, less the discount when it comes in time; or what was meant instead."""
    amount = item.open_amount - item.discount_on(plan.day).amount
    return (amount * plan.share).quantize(CENT) + (plan.extra if amount > 0 else Decimal(0))


def _entry(
    day: date, amount: Decimal, currency: str, text: str, payer: Customer | None = None
) -> EntryRecord:
    return EntryRecord(
        entry_date=day,
        value_date=day,
        amount=amount,
        currency=currency,
        text=text,
        counterparty_name=payer.legal_name if payer else "Hansebank Lübeck",
        counterparty_iban=payer_iban(payer) if payer else "",
        bank_reference=f"{day:%m%d}{currency}{abs(amount) * 100:.0f}",
    )


def unknown_payer(day: date, amount: Decimal, name: str, text: str) -> EntryRecord:
    """Money from somebody no customer is known by."""
    return EntryRecord(day, day, amount, "EUR", text=text, counterparty_name=name)


def payer_iban(customer: Customer) -> str:
    """A made-up account of the customer with right check digits, always the same."""
    rest = f"20099800{customer.pk:010d}"
    return f"DE{iban.calc_check_digits('DE00' + rest)}{rest}"
