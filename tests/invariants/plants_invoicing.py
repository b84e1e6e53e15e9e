"""How billing could lie."""

from datetime import timedelta
from decimal import Decimal

from invoicing.commands import render_invoice_pdf
from invoicing.models import CreditKind
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.attachments import store_file
from o2c.core.commands import command
from o2c.ledger.commands import Posting, post_entry
from tests.given.invoicing import (
    drafted_invoice,
    lines_of,
    posted_credit,
    posted_invoice,
    returned,
)
from tests.invariants.planted import plant, sql

INVOICE = ["invoicing_invoice"]
LINE = ["invoicing_invoiceline"]
SHIPPED = ["shipping_shipmentline"]


@plant("D1", without=SHIPPED)
def a_unit_billed_twice():
    invoice = posted_invoice((10, "10.00"))
    posted_credit(invoice, 3)
    yield
    sql("UPDATE invoicing_invoiceline SET quantity = 14 WHERE invoice_id = %s", invoice.pk)
    sql("UPDATE shipping_shipmentline SET invoiced = 11")


@plant("D1")
def a_shipment_that_forgot_its_bill():
    posted_invoice((10, "10.00"))
    yield
    sql("UPDATE shipping_shipmentline SET invoiced = 9")


@plant("D1b")
def an_order_that_forgot_its_bill():
    posted_invoice((10, "10.00"))
    yield
    sql("UPDATE orders_orderline SET invoiced = 9")


@plant("D1b")
def an_order_that_forgot_its_credit():
    posted_credit(posted_invoice((10, "10.00")), 2)
    yield
    sql("UPDATE orders_orderline SET credited = 0")


@plant("D2", without=INVOICE)
def a_head_above_its_lines():
    posted_invoice((10, "10.00"), (1, "0.35"))
    yield
    sql("UPDATE invoicing_invoice SET net = net + 1, gross = gross + 1")


@plant("D2")
def a_line_that_vanished():
    posted_invoice((10, "10.00"), (1, "0"))
    yield
    sql("DELETE FROM invoicing_invoiceline WHERE line_number = 2")


@plant("D2b", without=INVOICE)
def tax_computed_by_line():
    invoice = posted_invoice((1, "0.35"), (1, "0.35"), (1, "0.35"))
    posted_credit(invoice, 1, 1)
    yield
    sql("UPDATE invoicing_taxline SET tax = 0.21 WHERE invoice_id = %s", invoice.pk)
    sql("UPDATE invoicing_invoice SET tax = 0.21, gross = 1.26 WHERE id = %s", invoice.pk)


@plant("D2b", without=INVOICE)
def a_credit_note_off_by_a_cent():
    note = posted_credit(posted_invoice((1, "7612.50")))
    yield
    sql("UPDATE invoicing_taxline SET tax = tax - 0.01 WHERE invoice_id = %s", note.pk)


@plant("D3", without=INVOICE)
def a_posted_invoice_without_number():
    posted_invoice()
    yield
    sql("UPDATE invoicing_invoice SET number = NULL")


@plant("D3", without=INVOICE)
def a_draft_with_an_entry():
    posted, draft = posted_invoice(), drafted_invoice()
    yield
    sql("UPDATE invoicing_invoice SET entry_id = %s WHERE id = %s", posted.entry_id, draft.pk)


@plant("D4")
def a_counter_that_counts_for_another_series():
    posted_invoice()
    yield
    sql("UPDATE core_numberseries SET code = 'invoice:1999'")


@plant("D4")
def an_invoice_that_vanished():
    posted_invoice()
    invoice = posted_invoice()
    posted_invoice()
    yield
    sql("DELETE FROM invoicing_invoice WHERE id = %s", invoice.pk)


@plant("D5")
def a_date_that_runs_back():
    posted_invoice()
    invoice = posted_invoice()
    yield
    sql("UPDATE invoicing_invoice SET invoice_date = invoice_date - 1 WHERE id = %s", invoice.pk)


@plant("D5")
def a_number_drawn_before_its_time():
    first = posted_invoice()
    posted_invoice()
    yield
    sql(
        "UPDATE invoicing_invoice SET posted_at = posted_at + interval '1 day' WHERE id = %s",
        first.pk,
    )


@plant("D6", without=INVOICE)
def credit_above_the_invoice():
    invoice = posted_invoice((10, "10.00"))
    note = posted_credit(invoice, "50", kind=CreditKind.PRICE)
    yield
    sql("UPDATE invoicing_invoice SET gross = gross + 100 WHERE id = %s", note.pk)


@plant("D6", without=INVOICE)
def a_discount_no_credit_note_carries():
    invoice = posted_invoice((10, "10.00"))
    yield
    sql("UPDATE invoicing_invoice SET discount_carried = 2.38 WHERE id = %s", invoice.pk)


@plant("D6b", without=LINE)
def credit_above_a_line():
    invoice = posted_invoice((10, "10.00"))
    posted_credit(invoice, 4)
    yield
    sql("UPDATE invoicing_invoiceline SET credited_quantity = 11 WHERE invoice_id = %s", invoice.pk)


@plant("D7")
def a_document_that_says_something_else():
    posted_invoice((10, "10.00"))
    yield
    sql("""UPDATE invoicing_invoice SET snapshot = snapshot || '{"gross": "118.99"}'""")


@plant("D7", without=INVOICE)
def a_row_changed_behind_the_document():
    posted_invoice((10, "10.00"))
    yield
    sql("UPDATE invoicing_invoice SET net = net - 1, gross = gross - 1")


@plant("D8")
def a_draft_over_more_than_was_shipped():
    drafted_invoice((10, "10.00"))
    yield
    sql("UPDATE invoicing_invoiceline SET quantity = 11")


@plant("D8", without=INVOICE)
def two_drafts_over_one_shipment():
    draft, other = drafted_invoice((10, "10.00")), drafted_invoice((10, "10.00"))
    (line,) = lines_of(draft)
    yield
    sql(
        "UPDATE invoicing_invoiceline SET shipment_line_id = %s WHERE invoice_id = %s",
        line.shipment_line_id,
        other.pk,
    )
    sql("UPDATE invoicing_invoiceline SET quantity = 1")


@command
def _keep(invoice, data, *, actor):
    return store_file(
        invoice,
        data,
        name=f"{invoice.number}.pdf",
        content_type="application/pdf",
        purpose="canonical_pdf",
        actor=actor,
    )


@plant("D9", without=["core_attachment"])
def two_documents_of_one_invoice():
    invoice = posted_invoice()
    _keep(invoice, b"%PDF-1", actor=SYSTEM)
    yield
    _keep(invoice, b"%PDF-2", actor=SYSTEM)


@plant("D9")
def the_document_of_a_draft():
    draft = drafted_invoice()
    yield
    _keep(draft, b"%PDF-1", actor=SYSTEM)


@plant("E2b")
def an_entry_at_another_amount():
    invoice = posted_invoice((10, "10.00"))
    posted_credit(invoice, 1)
    yield
    sql(
        "UPDATE ledger_line SET amount = amount - 1 WHERE entry_id = %s AND amount = 119",
        invoice.entry_id,
    )


@plant("E2b", without=INVOICE)
def an_invoice_without_its_entry():
    posted_invoice()
    yield
    sql("UPDATE invoicing_invoice SET entry_id = NULL")


@plant("E8b")
def cost_left_on_the_clearing_account():
    invoice = posted_invoice((10, "10.00"), (3, "0.35"))
    returned(invoice.shipment, 3)
    posted_credit(invoice, 1)
    yield
    sql(
        "UPDATE ledger_line SET base_amount = base_amount + 0.01, amount = amount + 0.01 "
        "WHERE entry_id = %s AND number = 5",
        invoice.entry_id,
    )


@plant("E8b")
def a_posting_of_nobody_on_the_clearing_account():
    posted_invoice()
    yield
    one = Decimal(1)
    post_entry(
        ("masters.company", 1),
        "by hand",
        clock.today(),
        [
            Posting("SHIPPED_NOT_INVOICED", one, "EUR", one),
            Posting("ROUNDING", -one, "EUR", -one),
        ],
        actor=SYSTEM,
    )


@plant("I5")
def a_posted_invoice_whose_document_nobody_makes():
    with clock.at(clock.now() - timedelta(hours=1)):
        invoice = posted_invoice()
    render_invoice_pdf(invoice.pk)
    yield
    sql("DELETE FROM core_attachment")
    sql("UPDATE core_delivery SET state = 'done', done_at = now() WHERE slow")
