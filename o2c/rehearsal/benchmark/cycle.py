"""The product's order cycle, by the commands people use and the fast followers of the flow.

An order of five stocked lines goes from capture through credit check, reservation, pick, pack,
dispatch and invoice to a payment that is matched, applied and settled, until it is reconciled.
Documents, mails and what else the worker does later are no part of it. A bank statement pays the
orders of a batch; each of them bears its share.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from random import Random
from typing import Any

from fulfillment.commands import confirm_pick, pack
from fulfillment.models import PickList
from invoicing.commands import post_invoice
from invoicing.models import Invoice
from o2c.core import clock
from o2c.masters.models import BankAccount
from o2c.rehearsal.benchmark.world import ACTOR, CURRENCY, World
from orders.commands import LineDraft, OrderDraft, capture_order, confirm_order, submit_order
from orders.models import Order, OrderState
from reconciliation.adapters import EntryRecord, StatementRecord
from reconciliation.adapters.camt053_writer import write_camt053
from reconciliation.commands import apply_matches, import_statement, match_statement
from reconciliation.models import BankStatement, MatchTier
from reconciliation.queries import statement_before
from shipping.commands import dispatch_shipment
from shipping.models import Shipment

LINES, PIECES = 5, Decimal(2)
BATCH = 10  # orders that one bank statement pays
Step = Callable[[str], AbstractContextManager[Any]]


class CycleBroken(Exception):
    """A cycle did not end reconciled, so its figures would say nothing."""


def trade(
    world: World, bank_account: BankAccount, batches: int, random: Random, step: Step = nullcontext
) -> int:
    """Carry out so many batches of cycles; return the number of cycles.

    step: entered with the name of each step while its command runs.
    Raises CycleBroken when an order is not reconciled afterwards.
    """
    for _batch in range(batches):
        invoices = [_sell(world, random, step) for _order in range(BATCH)]
        _collect(world, bank_account, invoices, step)
        orders = Order.objects.filter(pk__in=[invoice.order_id for invoice in invoices])
        if unsettled := orders.exclude(state=OrderState.RECONCILED).first():
            raise CycleBroken(f"{unsettled} is {unsettled.state}, not reconciled.")
    return batches * BATCH


def _sell(world: World, random: Random, step: Step) -> Invoice:
    """One order, to its posted invoice."""
    lines = [LineDraft(code, PIECES) for code in random.sample(world.items, LINES)]
    draft = OrderDraft(
        customer_id=random.choice(list(world.customers)),
        warehouse_id=world.warehouse_id,
        lines=lines,
    )
    with step("capture"):
        order = capture_order(draft, actor=ACTOR)
    with step("submit"):
        submit_order(order.pk, actor=ACTOR)
    with step("confirm, check credit, release, plan"):
        confirm_order(order.pk, actor=ACTOR)
    pick_list_id = PickList.objects.values_list("pk", flat=True).get(order=order)
    with step("pick"):
        confirm_pick(pick_list_id, actor=ACTOR)
    with step("pack, plan shipment"):
        pack(pick_list_id, actor=ACTOR)
    shipment_id = Shipment.objects.values_list("pk", flat=True).get(order=order)
    with step("dispatch, draft invoice"):
        dispatch_shipment(shipment_id, actor=ACTOR)
    invoice_id = Invoice.objects.values_list("pk", flat=True).get(order=order)
    with step("post invoice"):
        return post_invoice(invoice_id, actor=ACTOR)


def _collect(world: World, account: BankAccount, invoices: Sequence[Invoice], step: Step) -> None:
    """The bank's statement of their payments comes in; what is matched for certain is applied."""
    file = _statement_file(world, account, invoices)
    with step("import statement"):
        import_statement(account.code, "bank.xml", file, actor=ACTOR)
    statement = BankStatement.objects.filter(account=account).latest("pk")
    with step("match statement"):
        match_statement(statement.pk, actor=ACTOR)
    with step("apply matches, settle orders"):
        apply_matches(statement.pk, [MatchTier.EXACT], actor=ACTOR)


def _statement_file(world: World, account: BankAccount, invoices: Sequence[Invoice]) -> bytes:
    today, before = clock.today(), statement_before(account)
    number = int(before.sequence) + 1 if before else 1
    opening = before.closing if before else Decimal(0)
    entries = tuple(
        EntryRecord(
            entry_date=today,
            value_date=today,
            amount=invoice.gross,
            currency=CURRENCY,
            text=f"Invoice {invoice.number}",
            counterparty_name=world.customers[invoice.payer_id],
            bank_reference=f"{account.code}-{invoice.number}",
        )
        for invoice in invoices
    )
    record = StatementRecord(
        account=account.iban,
        currency=CURRENCY,
        statement_id=f"{account.code}-{number}",
        sequence=str(number),
        opening=opening,
        closing=opening + sum((entry.amount for entry in entries), Decimal(0)),
        opening_date=today,
        closing_date=today,
        entries=entries,
    )
    return write_camt053(record, clock.now())
