"""Every open line gets one proposal with its reasons; looking twice changes nothing."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from reconciliation.commands import (
    apply_match,
    choose_match,
    dismiss_match,
    match_bank_line,
    match_statement,
)
from reconciliation.models import Match
from reconciliation.queries import in_words
from reconciliation.rules import Share
from tests.given.reconciliation import entry, imported, line_of, matched, owed

pytestmark = pytest.mark.django_db


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


def test_a_line_can_be_looked_at_again_after_its_invoice_came():
    statement = imported(entry("119.00", "soon"))
    match_statement(statement.pk, actor=SYSTEM)
    owed()

    again = match_bank_line(line_of(statement).pk, actor=SYSTEM)

    assert again.tier == "possible"
    assert sorted(Match.objects.values_list("state", flat=True)) == ["dismissed", "proposed"]


def test_the_number_of_statements_does_not_grow_with_the_lines(count_statements):
    invoice = owed()
    few = imported(entry(1, "a"))
    many = imported(*(entry(n, f"{invoice.number} {n}") for n in range(2, 42)))

    counts = []
    for statement in (few, many):
        with count_statements() as count:
            match_statement(statement.pk, actor=SYSTEM)
        counts.append(int(count))

    assert max(counts) <= 8


def test_a_clerk_chooses_by_hand_and_the_rest_goes_on_account(cashier):
    invoice = owed()
    (match,) = matched(entry("200.00", "who knows"))
    item = invoice.open_items.get()

    chosen = choose_match(
        match.bank_line_id, payer_id=invoice.payer_id,
        shares=[Share(item.pk, item.open_amount)], actor=cashier,
    )  # fmt: skip

    match.refresh_from_db()
    assert (match.state, chosen.tier) == ("dismissed", "manual")
    assert chosen.on_account == 200 - item.open_amount
    assert in_words(chosen.evidence) == ["Chosen by carlo."]


def test_no_more_than_the_line_can_be_chosen():
    invoice = owed()
    statement = imported(entry("50.00"))
    item = invoice.open_items.get()

    with pytest.raises(RuleViolation, match="more than the line"):
        choose_match(
            line_of(statement).pk, payer_id=invoice.payer_id,
            shares=[Share(item.pk, item.open_amount)], actor=SYSTEM,
        )  # fmt: skip


def test_a_wrong_proposal_can_be_dismissed():
    (match,) = matched(entry("5.00"))

    assert dismiss_match(match.pk, actor=SYSTEM).state == "dismissed"
