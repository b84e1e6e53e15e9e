"""Proposing credit notes."""

from decimal import Decimal

import pytest

from invoicing.commands import draft_credit_note
from invoicing.models import CreditKind
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from tests.given.invoicing import (
    drafted_invoice,
    lines_of,
    posted_credit,
    posted_invoice,
    proposed_credit,
    returned,
)

pytestmark = pytest.mark.django_db

D = Decimal


def test_by_quantity_a_line_gives_back_its_share():
    invoice = posted_invoice((10, "10.00"), (4, "2.50"))

    note = proposed_credit(invoice, 3)

    assert (note.kind, note.state, note.number) == ("credit_note", "proposed", None)
    assert (note.net, note.tax, note.gross) == (D(30), D("5.70"), D("35.70"))
    (line,) = lines_of(note)
    assert line.corrects_line == lines_of(invoice)[0]
    assert (line.quantity, line.net) == (3, 30)
    assert note.corrects == invoice
    facts = Event.objects.get(name="invoice.proposed").facts
    assert facts["invoice"] == invoice.number
    assert facts["reason"] == "wrong"


def test_by_amount_a_line_gives_back_that_amount_and_no_quantity():
    invoice = posted_invoice((10, "10.00"))

    note = proposed_credit(invoice, "7.50", kind=CreditKind.PRICE)

    (line,) = lines_of(note)
    assert (line.quantity, line.net, note.tax) == (0, D("7.50"), D("1.43"))


def test_without_figures_everything_left_is_credited():
    invoice = posted_invoice((10, "10.00"), (3, "0.35"), (1, "7612.50"))

    note = proposed_credit(invoice)

    assert (note.net, note.tax, note.gross) == (invoice.net, invoice.tax, invoice.gross)


def test_what_is_credited_or_claimed_already_is_not_offered_again():
    invoice = posted_invoice((10, "10.00"))
    posted_credit(invoice, 4)
    proposed_credit(invoice, 5)

    with pytest.raises(RuleViolation, match="only 1 is left"):
        proposed_credit(invoice, 2)
    assert proposed_credit(invoice).net == 10


def test_more_amount_than_is_left_is_refused_beside_its_field():
    invoice = posted_invoice((10, "10.00"), (1, "5.00"))
    line = lines_of(invoice)[1]

    with pytest.raises(RuleViolation, match=r"only 5.00.EUR is left") as refusal:
        proposed_credit(invoice, 0, "5.01", kind=CreditKind.GOODWILL)

    assert refusal.value.field == f"amount_{line.pk}"


@pytest.mark.parametrize(
    ("kind", "given", "match"),
    [
        ("price", {"quantities": {1: D(1)}}, "amounts are credited"),
        ("correction", {"amounts": {1: D(1)}}, "quantities are credited"),
        ("nonsense", {}, "Choose why"),
        ("correction", {"quantities": {999_999: D(1)}}, "no such line"),
        ("correction", {"quantities": {}}, "Nothing is to be credited"),
    ],
)
def test_what_makes_no_sense_is_refused(kind, given, match):
    invoice = posted_invoice()

    with pytest.raises(RuleViolation, match=match):
        draft_credit_note(invoice.pk, kind=kind, reason="x", actor=SYSTEM, **given)


@pytest.mark.parametrize("figure", ["-1", "0.0001"])
def test_a_figure_that_is_no_quantity_is_refused(figure):
    with pytest.raises(RuleViolation, match="greater than zero"):
        proposed_credit(posted_invoice(), figure)


def test_a_fraction_of_a_cent_is_refused():
    with pytest.raises(RuleViolation, match="at most 2 decimals"):
        proposed_credit(posted_invoice(), "0.001", kind=CreditKind.PRICE)


def test_a_reason_is_mandatory():
    invoice = posted_invoice()

    with pytest.raises(RuleViolation) as refusal:
        draft_credit_note(invoice.pk, kind="price", reason=" ", actor=SYSTEM)

    assert refusal.value.field == "reason"


def test_only_a_posted_invoice_is_credited():
    with pytest.raises(RuleViolation, match="Only a posted invoice"):
        draft_credit_note(drafted_invoice().pk, kind="price", reason="x", actor=SYSTEM)
    with pytest.raises(RuleViolation, match="Only a posted invoice"):
        draft_credit_note(
            posted_credit(posted_invoice()).pk, kind="price", reason="x", actor=SYSTEM
        )


def test_as_returned_only_what_came_back_is_credited():
    invoice = posted_invoice((10, "10.00"))

    with pytest.raises(RuleViolation, match="0 came back"):
        proposed_credit(invoice, 1, kind=CreditKind.RETURN)

    returned(invoice.shipment, 4)
    for note in invoice.credit_notes.all():  # the flow has proposed it
        assert lines_of(note)[0].quantity == 4
        return
    assert proposed_credit(invoice, 4, kind=CreditKind.RETURN).net == 40


def test_proposing_needs_the_right(picker):
    invoice = posted_invoice()

    with pytest.raises(NotPermitted):
        draft_credit_note(invoice.pk, kind="price", reason="x", actor=picker)


@pytest.mark.parametrize("lines", [1, 12])
def test_proposing_takes_the_same_few_statements_for_any_number_of_lines(count_statements, lines):
    invoice = posted_invoice(*[(2, "3.50")] * lines)

    with count_statements() as count:
        proposed_credit(invoice)

    assert int(count) <= 10, str(count)
