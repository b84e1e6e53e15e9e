"""Order to cash, on one page.

A stage knows its past, never its future. What happens next is said here and only here. `when`
tells after the commit, each follower in a transaction of its own; one that `joins` commits with
the event where it can, since nobody needs to see the two apart. `together` always commits with the
event, for what must never be seen apart. `given` names a fact of the event that must be true; the
stage that recorded it has decided it. A follower is a command that takes the document's id and
converges: running it twice changes nothing. The bridges below carry an answer of a later stage
back to an earlier one.
"""

from collections.abc import Collection

from credit import commands as credit
from credit.queries import payers_known_late
from fulfillment import commands as fulfillment
from invoicing import commands as invoicing
from invoicing.models import Invoice
from o2c.core.actors import Actor
from o2c.core.commands import command
from o2c.core.events import together, when
from o2c.core.mail import give_up_message, send_message
from o2c.ledger.commands import post_stock_value
from o2c.ledger.models import Role
from o2c.stock.models import (
    ExpectedReceipt,
    StockAdjustment,
    StockCount,
    StockDocument,
    StockReceipt,
    StockTransfer,
)
from o2c.stock.queries import items_moved, value_of_stock_document
from orders import commands as orders
from orders.models import Order
from orders.queries import goods_of
from receivables import commands as receivables
from receivables.models import CreditApplication, WriteOff
from receivables.queries.settlement import (
    customers_of_payment,
    customers_overdue,
    overdue_by_customer,
)
from reconciliation import commands as reconciliation
from reconciliation.queries import order_billed_by
from shipping import commands as shipping
from shipping.models import Return
from shipping.queries import goods_restocked


def wire() -> None:
    """Subscribe every command to the event it follows. A misspelt event fails at boot."""
    # Goods that come in, are counted or put right: the money book follows the goods book.
    together("stock_receipt.received", post_receipt_value)
    together("stock_adjustment.adjusted", post_adjustment_value)
    together("stock_count.counted", post_count_value)

    # Goods are there that were not, or will be: orders that wait are planned, or promised anew.
    when("stock_receipt.received", serve_from_receipt, slow=True)
    when("stock_adjustment.adjusted", serve_from_adjustment, slow=True)
    when("stock_count.counted", serve_from_count, slow=True)
    when("stock_transfer.transferred", serve_from_transfer, slow=True)
    when("return.received", serve_from_return, slow=True)
    for event in ("expected", "rescheduled", "cancelled"):
        when(f"expected_receipt.{event}", renew_promises_expected, slow=True)

    # An order is confirmed; credit decides and releases or holds it; the warehouse plans it.
    when("order.confirmed", credit.check_order, joins=True)
    together("order.reopened", credit.check_reopened_order)
    when("order.released", fulfillment.plan_order, joins=True)
    when("order.released", shipping.ship_services, given="services_only")
    when("order.resumed", credit.check_order, fulfillment.follow_order)
    when("order.amended", credit.check_order, given="held_by_credit")
    when("order.amended", fulfillment.follow_order)
    when("order.cancelled", credit.withdraw_check, fulfillment.follow_order)
    for event in ("amended", "cancelled"):
        when(f"order.{event}", recheck_payer_of_order, given="frees")
        when(f"order.{event}", serve_from_order, given="frees", slow=True)
    when("account.blocked", credit.hold_blocked_payer)
    for event in ("unblocked", "limit_set", "cleared", "classified"):
        when(f"account.{event}", credit.recheck_account)

    # Packed goods become a shipment; what left, or was delivered, is billed.
    when("pick_list.packed", shipping.plan_shipment, joins=True)
    when("shipment.dispatched", invoicing.draft_invoice, given="billable", joins=True)
    when("shipment.delivered", invoicing.draft_invoice, given="billable", joins=True)
    when("return.received", invoicing.draft_credit_for_return, refresh_credit_of_return)

    # A posted invoice is owed at once; its PDF is drawn and mailed by the worker.
    together("invoice.posted", receivables.open_items)
    when("invoice.posted", invoicing.render_invoice_pdf, invoicing.send_invoice, slow=True)
    when("invoice.posted", use_credit_note, refresh_credit_of_note, given="credits")
    when("invoice.posted", settle_billed_order, given="nothing_owed")
    when("order.invoiced", reconciliation.settle_order, given="without_invoice")

    # Reminders that a person approved leave the warehouse.
    when("dunning_run.approved", receivables.send_dunning_letters, slow=True)

    # Every e-mail is sent by the worker; one that fails for good waits in the outbox.
    for event in ("queued", "requeued"):
        when(f"message.{event}", send_message, slow=True, at_last=give_up_message)

    # The bank's statement is matched; money that settles orders moves them to paid, reconciled.
    when("bank_statement.imported", reconciliation.match_statement, slow=True)
    together("payment.reversed", reconciliation.free_bank_line)
    for event in ("settled", "allocated", "unallocated", "reversed", "returned"):
        when(f"payment.{event}", reconciliation.settle_orders, joins=True)
        when(f"payment.{event}", refresh_credit_of_payer, slow=True)
    for event in ("recorded", "approved"):
        when(f"payment.{event}", refresh_credit_of_payer, slow=True)
    for event in ("joined", "parted"):
        when(f"payment.{event}", reconciliation.settle_orders)
    for event in ("applied", "reversed"):
        when(f"credit_application.{event}", reconciliation.settle_orders_of_credit)
        when(f"credit_application.{event}", refresh_credit_of_credited, slow=True)
    when("credit_application.applied", receivables.close_credited_disputes)
    for event in ("approved", "reversed"):
        when(f"write_off.{event}", reconciliation.settle_orders_of_write_off)
        when(f"write_off.{event}", refresh_credit_of_written_off, slow=True)


@command
def post_receipt_value(receipt_id: int, *, actor: Actor) -> None:
    """Bridge: goods received gain value against what we will be billed for them."""
    _post_value(StockReceipt.objects.get(pk=receipt_id), Role.GOODS_RECEIVED, actor)


@command
def post_adjustment_value(adjustment_id: int, *, actor: Actor) -> None:
    """Bridge: goods found or lost."""
    _post_value(StockAdjustment.objects.get(pk=adjustment_id), Role.STOCK_ADJUSTMENT, actor)


@command
def post_count_value(count_id: int, *, actor: Actor) -> None:
    """Bridge: what a count found to be there, more or less."""
    _post_value(StockCount.objects.get(pk=count_id), Role.STOCK_ADJUSTMENT, actor)


def _post_value(
    document: StockReceipt | StockAdjustment | StockCount, against: Role, actor: Actor
) -> None:
    post_stock_value(
        (document.source_type(), document.pk),
        value_of_stock_document(document),
        against,
        document.moved_on,
        actor=actor,
        description=document.reference or document.reason,
    )


def serve_from_receipt(receipt_id: int, *, actor: Actor) -> None:
    """Bridge: goods came in."""
    _serve_from(StockReceipt.objects.get(pk=receipt_id), actor)


def serve_from_adjustment(adjustment_id: int, *, actor: Actor) -> None:
    """Bridge: goods were found or lost."""
    _serve_from(StockAdjustment.objects.get(pk=adjustment_id), actor)


def serve_from_count(count_id: int, *, actor: Actor) -> None:
    """Bridge: there are more or fewer goods than the book said."""
    _serve_from(StockCount.objects.get(pk=count_id), actor)


def serve_from_transfer(transfer_id: int, *, actor: Actor) -> None:
    """Bridge: goods went into quarantine, or came out of it."""
    _serve_from(StockTransfer.objects.get(pk=transfer_id), actor)


def serve_from_return(return_id: int, *, actor: Actor) -> None:
    """Bridge: goods came back and were put on the shelf again."""
    items, warehouse_id = goods_restocked(return_id)
    fulfillment.serve_waiting_orders(items, warehouse_id, actor=actor)


def recheck_payer_of_order(order_id: int, *, actor: Actor) -> None:
    """Bridge: the credit that an order gave up goes to its payer's orders held by credit."""
    credit.recheck_payer(Order.objects.get(pk=order_id).payer_id, actor=actor)


def serve_from_order(order_id: int, *, actor: Actor) -> None:
    """Bridge: the goods that an order gave up go to the orders that wait for them."""
    order = Order.objects.get(pk=order_id)
    fulfillment.serve_waiting_orders(goods_of(order_id), order.warehouse_id, actor=actor)


def renew_promises_expected(expected_id: int, *, actor: Actor) -> None:
    """Bridge: goods will come, on another day, or not at all."""
    expected = ExpectedReceipt.objects.get(pk=expected_id)
    orders.renew_promises([expected.item_id], expected.warehouse_id, actor=actor)


def _serve_from(document: StockDocument, actor: Actor) -> None:
    items = items_moved(document)
    fulfillment.serve_waiting_orders(items, document.warehouse_id, actor=actor)


@command
def use_credit_note(invoice_id: int, *, actor: Actor) -> None:
    """Bridge: a credit note is owed back on a settled order; else it settles its invoice."""
    settle_billed_order(invoice_id, actor=actor)
    receivables.apply_credit_note(invoice_id, actor=actor)


@command
def settle_billed_order(invoice_id: int, *, actor: Actor) -> None:
    """Bridge: an order that is billed to the end may be settled already, or owed a credit now."""
    order_id = order_billed_by(invoice_id)
    if order_id is not None:
        reconciliation.settle_order(order_id, actor=actor)


def refresh_credit_of_payer(payment_id: int, *, actor: Actor) -> None:
    """Bridge: credit learns what is overdue now, and asks again for orders on hold."""
    _tell_credit(customers_of_payment(payment_id), actor)


def refresh_credit_of_return(return_id: int, *, actor: Actor) -> None:
    """Bridge: what came back before it was billed is owed no more."""
    credit.recheck_payer(Return.objects.get(pk=return_id).order.payer_id, actor=actor)


def refresh_credit_of_note(invoice_id: int, *, actor: Actor) -> None:
    """Bridge: a credit note lowers what its payer owes."""
    _tell_credit([Invoice.objects.get(pk=invoice_id).payer_id], actor)


def refresh_credit_of_credited(application_id: int, *, actor: Actor) -> None:
    """Bridge: a credit note used, or taken back, changes what its customer owes."""
    _tell_credit([CreditApplication.objects.get(pk=application_id).customer_id], actor)


def refresh_credit_of_written_off(write_off_id: int, *, actor: Actor) -> None:
    """Bridge: so does an amount given up, or owed again."""
    _tell_credit([WriteOff.objects.get(pk=write_off_id).customer_id], actor)


def tell_credit_who_is_late(*, actor: Actor) -> int:
    """Bridge, every morning: debts fall due by the calendar, with nothing else happening.

    Returns how many payers are late, or were until now.
    """
    payers = sorted({*customers_overdue(), *payers_known_late()})
    _tell_credit(payers, actor)
    return len(payers)


def _tell_credit(customer_ids: Collection[int], actor: Actor) -> None:
    for customer_id, overdue in overdue_by_customer(customer_ids).items():
        credit.feed_overdue(
            customer_id,
            base_amount=overdue.base_amount,
            oldest_due_date=overdue.oldest_due_date,
            actor=actor,
        )
        credit.recheck_payer(customer_id, actor=actor)
