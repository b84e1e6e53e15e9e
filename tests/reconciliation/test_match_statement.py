"""Every open line gets one proposal with its reasons; looking twice changes nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.models import Event
from reconciliation.commands import apply_match, match_statement
from reconciliation.models import Match
from reconciliation.queries import in_words, surroundings
from tests.given.reconciliation import entry, imported, line_of, matched, owed

pytestmark = pytest.mark.django_db
BUDGET = 7  # statements of a bank statement whose lines name what they pay


def test_a_named_invoice_of_the_same_amount_is_exact():
    invoice = owed()

    (match,) = matched(entry(invoice.gross, f"Payment of {invoice.number}"))

    assert (match.tier, match.payer) == ("exact", invoice.payer)
    assert in_words(match.evidence)[0] == f"The text names {invoice.number}."


def test_an_order_number_names_its_invoice():
    invoice = owed()

    (match,) = matched(entry(invoice.gross, f"your {invoice.order.number}"))

    assert match.tier == "exact"


def test_a_payer_is_known_by_name_and_learnt_by_account():
    first, second = owed(), owed()
    payer = first.payer
    (match,) = matched(
        entry(first.gross, "thanks", counterparty_name=payer.name, counterparty_iban="DE77")
    )
    apply_match(match.pk, actor=SYSTEM)

    (learnt,) = matched(entry(second.gross, "thanks", counterparty_iban="DE77"))

    assert match.tier == "exact"
    assert learnt.payer_id == payer.pk or learnt.tier == "possible"


def test_money_that_points_at_nothing_waits_with_tier_none():
    owed()

    (match,) = matched(entry("77.77", "hello"))

    assert (match.tier, match.payer, match.on_account) == ("none", None, match.bank_line.amount)


def test_money_out_is_not_matched():
    assert matched(entry("-5.00", "bank charges")) == []


def test_matching_twice_proposes_once():
    invoice = owed()
    statement = imported(entry(invoice.gross, invoice.number))

    match_statement(statement.pk, actor=SYSTEM)
    match_statement(statement.pk, actor=SYSTEM)

    assert Match.objects.count() == 1


def test_a_statement_costs_the_same_for_ten_lines_and_a_hundred(count_statements):
    invoice = owed()
    few = imported(*(entry(n, f"{invoice.number} {n}") for n in range(1, 11)))
    many = imported(*(entry(n, f"{invoice.number} {n}") for n in range(11, 111)))

    counts = []
    for statement in (few, many):
        with count_statements() as count:
            match_statement(statement.pk, actor=SYSTEM)
        counts.append(int(count))

    assert counts == [BUDGET, BUDGET]


def test_open_items_are_read_by_their_keys_whatever_else_is_in_the_books():
    invoice = owed()
    line = line_of(imported(entry(invoice.gross, invoice.number)))

    with CaptureQueriesContext(connection) as asked:
        surroundings([line])

    told = [query["sql"] for query in asked if "UNION" not in query["sql"]]
    (rows,) = [sql for sql in told if "shipping_shipment" in sql]
    assert '"receivables_openitem"."id" = ANY(' in rows


def test_each_proposal_is_a_fact_of_its_own():
    owed()
    first, second = matched(entry("1.00", "a"), entry("2.00", "b"))

    told = Event.objects.filter(name="match.proposed").order_by("document_id")
    assert list(told.values_list("document_id", flat=True)) == [first.pk, second.pk]


def test_who_may_not_match_proposes_nothing(clerk):
    statement = imported(entry("5.00"))

    with pytest.raises(NotPermitted):
        match_statement(statement.pk, actor=clerk)

    assert not Match.objects.exists()
