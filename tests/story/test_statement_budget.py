"""What a full cycle costs the database: at most 120 statements, and lines do not raise it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from credit.commands import open_account
from fulfillment.commands import confirm_pick, pack
from fulfillment.models import PickList
from invoicing.commands import post_invoice
from invoicing.models import Invoice
from o2c.core.actors import SYSTEM
from orders.commands import LineDraft, OrderDraft, capture_order, confirm_order, submit_order
from orders.models import Order
from reconciliation.commands import apply_match, import_statement, match_statement
from reconciliation.models import BankStatement, Match
from shipping.commands import dispatch_shipment, record_delivery
from shipping.models import Shipment
from tests.factories.masters import CompanyFactory, CustomerFactory
from tests.factories.orders import priced_item
from tests.given.ledger import chart
from tests.given.reconciliation import bank_account, entry, file_of, statement_record
from tests.given.stock import stock
from tests.given.story import state_of

pytestmark = pytest.mark.django_db
BUDGET = 120


class Bill:
    """The statements of a cycle by step."""

    def __init__(self, count_statements: Any) -> None:
        self.count_statements = count_statements
        self.steps: Counter[str] = Counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        with self.count_statements() as count:
            yield
        self.steps[name] += int(count)

    def __str__(self) -> str:
        rows = [f"{count:>5}  {name}" for name, count in self.steps.items()]
        return "\n".join([*rows, f"{self.steps.total():>5}  in all"])


def order_of(lines: int) -> OrderDraft:
    """An order of so many lines, everything on stock, by a customer credit knows."""
    CompanyFactory()
    bank_account()
    chart()
    customer = CustomerFactory()
    open_account(customer.pk, first_order_cleared=True, actor=SYSTEM)
    items = [priced_item(customer, "10.00") for _ in range(lines)]
    for item in items:
        stock(item, 2)
    return OrderDraft(
        customer_id=customer.pk, lines=[LineDraft(item.code, Decimal(2)) for item in items]
    )


def whole_cycle(draft: OrderDraft, bill: Bill) -> Order:
    """From capture to reconciled; reading what to work on next is not part of the work."""
    with bill.step("capture"):
        order = capture_order(draft, actor=SYSTEM)
    with bill.step("submit"):
        submit_order(order.pk, actor=SYSTEM)
    with bill.step("confirm, check credit, release, plan"):
        confirm_order(order.pk, actor=SYSTEM)
    pick_list = PickList.objects.get(order=order)
    with bill.step("pick"):
        confirm_pick(pick_list.pk, actor=SYSTEM)
    with bill.step("pack, plan shipment"):
        pack(pick_list.pk, actor=SYSTEM)
    shipment = Shipment.objects.get(order=order)
    with bill.step("dispatch, draft invoice"):
        dispatch_shipment(shipment.pk, actor=SYSTEM)
    with bill.step("deliver"):
        record_delivery(shipment.pk, signed_by="Rita Recipient", actor=SYSTEM)
    invoice = Invoice.objects.get(order=order)
    with bill.step("post invoice"):
        post_invoice(invoice.pk, actor=SYSTEM)
    invoice.refresh_from_db()
    record = statement_record(entry(invoice.gross, invoice.number), statement_id=invoice.number)
    file, bank = file_of(record), bank_account().code
    with bill.step("import statement"):
        import_statement(bank, "bank.xml", file, actor=SYSTEM)
    statement = BankStatement.objects.latest("pk")
    with bill.step("match statement"):
        match_statement(statement.pk, actor=SYSTEM)
    match = Match.objects.latest("pk")
    with bill.step("apply match, settle order"):
        apply_match(match.pk, actor=SYSTEM)
    return order


@pytest.mark.parametrize("lines", [1, 5, 25])
def test_a_full_cycle_keeps_its_budget_whatever_the_lines(lines, count_statements):
    bill = Bill(count_statements)

    order = whole_cycle(order_of(lines), bill)

    assert state_of(order) == "reconciled"
    assert bill.steps.total() <= BUDGET, f"{lines} lines\n{bill}"


@pytest.mark.parametrize("lines", [1, 25])
def test_a_cycle_of_many_lines_costs_what_one_of_five_costs(lines, count_statements):
    first, second = Bill(count_statements), Bill(count_statements)
    whole_cycle(order_of(5), first)

    whole_cycle(order_of(lines), second)

    assert second.steps == first.steps, f"5 lines\n{first}\n{lines} lines\n{second}"
