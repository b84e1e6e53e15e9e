"""A bank line is read against the numbers that stand in the books, whatever series they are of."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import connection

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.expressions import digits_key_of, number_key_of
from o2c.core.number_keys import digits_key, number_key
from receivables.models import OpenItem
from reconciliation.commands import apply_match, match_statement
from reconciliation.queries import in_words
from reconciliation.queries.candidates import named_by
from reconciliation.rules import lookups
from tests.factories.masters import CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given
from tests.given.reconciliation import entry, imported, matched, owed

pytestmark = pytest.mark.django_db


def shares_of(match):
    return [(str(s.open_item), s.amount) for s in match.shares.order_by("pk")]


@pytest.fixture
def taken_over():
    """Two debts from the books before ours: RE-10350 over 900.00, RE-10550 over 5,600.00."""
    customer = CustomerFactory()
    older = given.debt("900.00", customer=customer, number="RE-10350", due=given.POSTED)
    given.debt("5600.00", customer=customer, number="RE-10550")
    return older.customer


@pytest.mark.parametrize(
    "text", ["RE-10550 less 100 damaged", "re 10550 - 100", "RE10550", "RE/105 50 minus 100,00"]
)
def test_the_named_debt_is_paid_and_no_older_one(taken_over, text, books_agree):
    (match,) = matched(entry("5500.00", text))

    assert (match.tier, match.payer) == ("strong", taken_over)
    assert shares_of(match) == [("RE-10550", D("5500.00"))]
    assert in_words(match.evidence) == ["The text names RE-10550.", "It is 100.00 EUR short."]
    apply_match(match.pk, actor=SYSTEM)
    assert OpenItem.objects.get(document_number="RE-10550").open_amount == D("100.00")
    assert OpenItem.objects.get(document_number="RE-10350").open_amount == D("900.00")
    books_agree()


@pytest.mark.parametrize(
    "text", ["RE-10550, RE 10350 folgt spaeter", "RE-10350 next week. RE-10550 less 100 damaged"]
)
def test_of_two_named_debts_the_amount_tells_which_is_meant(taken_over, text, books_agree):
    """5,500.00 is nearly RE-10550 over 5,600.00; the older RE-10350 over 900.00 is named, too."""
    (match,) = matched(entry("5500.00", text))

    assert (match.tier, shares_of(match)) == ("strong", [("RE-10550", D("5500.00"))])
    assert in_words(match.evidence)[-1] == (
        "Of what is named only RE-10550 comes near: 100.00 EUR short."
    )
    apply_match(match.pk, actor=SYSTEM)
    books_agree()


def test_it_is_paid_when_the_payer_is_known_as_well(taken_over):
    (match,) = matched(
        entry("5500.00", "RE-10550 less 100 damaged", counterparty_name=taken_over.name)
    )

    assert shares_of(match) == [("RE-10550", D("5500.00"))]


def test_digits_alone_name_a_debt_of_a_known_payer(taken_over):
    (match,) = matched(entry("5500.00", "Nr 10550", counterparty_name=taken_over.name))

    assert (match.tier, shares_of(match)) == ("strong", [("RE-10550", D("5500.00"))])
    assert in_words(match.evidence)[0] == "The text has the digits of RE-10550."


@pytest.mark.parametrize("number", ["1991838680", "7", "2025/RE/00123/2", "Rg. 12 b", "É-77/1"])
def test_any_series_of_any_length_is_read(number):
    item = given.debt("73.10", number=number)

    (match,) = matched(entry("73.10", f"Invoice {number}, thanks"))

    assert shares_of(match) == [(number, D("73.10"))]
    assert match.payer_id == item.customer_id


def test_a_late_charge_is_named_by_its_letter():
    DunningPolicyFactory(levels=[{"days": 5, "fee": "10.00"}])
    given.late(6)
    given.sent_run(on=clock.today())
    charge = OpenItem.objects.get(kind="charge")
    assert charge.document_number.startswith("DL-")

    (match,) = matched(entry("10.00", charge.document_number.replace("-", " ")))

    assert (match.tier, shares_of(match)) == ("exact", [(charge.document_number, D("10.00"))])


@pytest.mark.parametrize("written", ["PO-77/2026/A", "PO 77 2026 a", "po77-2026/A"])
def test_a_customers_order_number_is_read_without_its_separators(written):
    invoice = owed(customer_reference="PO-77/2026/A")

    (match,) = matched(entry(invoice.gross, f"order {written}"))

    assert (match.tier, match.payer) == ("exact", invoice.payer)
    assert "names the customer's order PO-77/2026/A" in in_words(match.evidence)[0]


def test_the_delivery_note_is_named_too():
    invoice = owed()

    (match,) = matched(entry(invoice.gross, f"Lieferschein {invoice.shipment.number}"))

    assert match.tier == "exact"
    assert in_words(match.evidence)[0] == (
        f"The text names delivery {invoice.shipment.number}, billed by {invoice.number}."
    )


def test_a_structured_reference_is_read_like_text():
    item = given.debt("73.10", number="1991838680")

    (match,) = matched(entry("73.10", "", references=("RF18 1991 8386 80",)))

    assert (match.tier, match.payer_id) == ("exact", item.customer_id)


def test_groups_of_digits_tell_two_order_numbers_apart():
    customer = CustomerFactory()
    first = owed(customer=customer, customer_reference="2024/11-1")
    owed(customer=customer, customer_reference="2024/1-11")

    (match,) = matched(entry(first.gross, "your invoice for 2024 11 1"))

    assert shares_of(match) == [(first.number, first.gross)]


def test_a_settled_number_is_paid_by_no_second_line(taken_over):
    (match,) = matched(entry("900.00", "RE-10350"))
    apply_match(match.pk, actor=SYSTEM)

    (again,) = matched(entry("900.00", "RE-10350", day=clock.today() - timedelta(days=1)))

    assert (again.tier, again.payer, shares_of(again)) == ("possible", taken_over, [])
    assert in_words(again.evidence)[0] == "RE-10350 is settled already."


@pytest.mark.parametrize(
    "number", ["RE-10550", "re 1.0-5 Ä50", "ß-7", "№12", "٣4", "００12", "İ9", "", "- / -", "00A0"]
)
def test_python_and_database_make_the_same_keys(number):
    if number:
        given.debt("1.00", number=number)
    keys = OpenItem.objects.annotate(
        key=number_key_of("document_number"), digits=digits_key_of("document_number")
    ).values_list("document_number", "key", "digits")

    for own, key, digits in keys:
        assert (key, digits) == (number_key(own), digits_key(own))


@pytest.fixture
def without_sequential_scans():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def test_every_lookup_has_an_index_of_its_own(without_sequential_scans, taken_over):
    asked = lookups(["RE-10550 SO-000042 PO-77 SH-000001"])
    of_amount = OpenItem.objects.debts().filter(open_amount__in=[D("900.00")])
    for lookup in [*named_by(asked), of_amount]:
        plan = lookup.explain()
        assert "Seq Scan" not in plan, plan


def test_the_number_of_statements_does_not_grow_with_the_numbers_named(count_statements):
    debts = [given.debt("10.00", number=f"RE-{n}") for n in range(20_000, 20_040)]
    few = imported(entry("10.00", "RE-20000"))
    many = imported(*(entry("10.00", debt.document_number) for debt in debts[1:]))

    counts = []
    for statement in (few, many):
        with count_statements() as count:
            match_statement(statement.pk, actor=SYSTEM)
        counts.append(int(count))

    assert counts[0] == counts[1] <= 8
