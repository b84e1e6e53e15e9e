"""What the database itself refuses, whoever asks."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from invoicing.models import Invoice, InvoiceLine, TaxLine
from tests.given.invoicing import drafted_invoice, posted_invoice, proposed_credit

pytestmark = pytest.mark.django_db

D = Decimal


def refused(statement: str, *parameters, by=DatabaseError, match="annot|stays|violates") -> None:
    with (
        pytest.raises(by, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, parameters)


@pytest.mark.parametrize(
    "change",
    [
        "gross = gross + 1, net = net + 1",
        "state = 'draft'",
        "snapshot = '{}'",
        "number = 'INV-2026-000099'",
        "invoice_date = invoice_date - 1",
        "version = version + 1",
    ],
)
def test_a_posted_invoice_does_not_change(change):
    invoice = posted_invoice()

    refused(f"UPDATE invoicing_invoice SET {change} WHERE id = %s", invoice.pk)


def test_the_credited_amount_of_a_posted_invoice_moves_within_its_gross():
    invoice = posted_invoice((10, "10.00"))

    Invoice.objects.filter(pk=invoice.pk).update(credited=D("119.00"))
    refused(
        "UPDATE invoicing_invoice SET credited = 119.01 WHERE id = %s",
        invoice.pk,
        by=IntegrityError,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoicing_invoiceline SET net = 0",
        "UPDATE invoicing_taxline SET tax = 0",
        "DELETE FROM invoicing_taxline",
        "DELETE FROM invoicing_invoiceline",
        "DELETE FROM invoicing_invoice",
        "TRUNCATE invoicing_taxline",
        "TRUNCATE invoicing_invoice CASCADE",
    ],
)
def test_nothing_of_a_posted_invoice_changes_or_vanishes(statement):
    posted_invoice()

    refused(statement)


def test_a_posted_invoice_takes_no_further_line():
    invoice = posted_invoice()
    line = invoice.lines.get()
    line.pk, line.line_number = None, 2

    with pytest.raises(DatabaseError, match="Cannot change rows of a posted invoice"):
        InvoiceLine.objects.bulk_create([line])


def test_counters_of_posted_lines_move_within_what_was_billed():
    posted_invoice((10, "10.00"))

    InvoiceLine.objects.update(credited_quantity=10, credited_amount=100)
    refused("UPDATE invoicing_invoiceline SET credited_quantity = 11", by=IntegrityError)
    refused("UPDATE invoicing_invoiceline SET credited_amount = 100.01", by=IntegrityError)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'posted'",
        "number = 'INV-2026-000001'",
        "snapshot = '{}'",
        "posted_at = now()",
        "series = 'invoice:2026'",
        "gross = gross + 1",
        "kind = 'credit_note'",
        "reason = 'x', credit_kind = 'price'",
        "exchange_rate = 0",
        "net = -1, gross = tax - 1",
    ],
)
def test_a_draft_is_all_draft_and_its_figures_agree(change):
    draft = drafted_invoice()

    refused(f"UPDATE invoicing_invoice SET {change} WHERE id = %s", draft.pk, by=IntegrityError)


@pytest.mark.parametrize("change", ["corrects_id = NULL", "reason = ''", "state = 'draft'"])
def test_a_credit_note_always_says_what_it_corrects_and_why(change):
    note = proposed_credit(posted_invoice())

    refused(f"UPDATE invoicing_invoice SET {change} WHERE id = %s", note.pk, by=IntegrityError)


def test_a_draft_s_tax_can_still_be_written():
    drafted_invoice()

    assert TaxLine.objects.update(reason="x") == 1
