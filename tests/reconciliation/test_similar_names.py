"""The last sign, a name like a customer's: it proposes, names its doubt, and never decides."""

import pytest

from o2c.core.actors import SYSTEM
from reconciliation.commands import apply_match, apply_matches
from reconciliation.queries import in_words
from tests.factories.masters import CustomerFactory
from tests.given.reconciliation import entry, matched, owed

pytestmark = pytest.mark.django_db


def billed(name, *lines):
    return owed(*lines, customer=CustomerFactory(name=name))


def seen(invoice, name, amount=None):
    (match,) = matched(entry(amount or invoice.gross, "thanks", counterparty_name=name))
    return match


def test_a_misspelt_name_and_the_amount_are_strong_never_exact():
    invoice = billed("Nordwind Handels GmbH")

    match = seen(invoice, "NORDWND HANDELS")

    assert (match.tier, match.payer) == ("strong", invoice.payer)
    assert "NORDWND HANDELS" in in_words(match.evidence)[0]
    assert "Nordwind Handels GmbH" in in_words(match.evidence)[0]


def test_what_a_similar_name_proposes_is_not_posted_by_itself():
    match = seen(billed("Nordwind Handels GmbH"), "NORDWND HANDELS")

    applied, refused = apply_matches(match.bank_line.statement_id, ["exact"], actor=SYSTEM)

    assert (applied, refused) == (0, [])


def test_a_misspelt_name_alone_is_only_possible():
    match = seen(billed("Nordwind Handels GmbH"), "NORDWND HANDELS", "77.70")

    assert match.tier == "possible"


def test_a_misspelling_that_was_applied_is_known_from_then_on():
    first = billed("Nordwind Handels GmbH")
    apply_match(seen(first, "NORDWND HANDELS").pk, actor=SYSTEM)
    second = owed((3, "7.00"), customer=first.customer)

    match = seen(second, "Nordwnd Handels")

    assert (match.tier, match.payer) == ("exact", first.payer)


@pytest.mark.parametrize("friend", ["Nordwind Energie", "Nordwand Bau", "Sudwind Handels"])
def test_a_false_friend_is_not_named_only_the_amount_is(friend):
    match = seen(billed("Nordwind Handels GmbH"), friend)

    assert match.tier == "possible"
    assert [e["kind"] for e in match.evidence] == ["amount_unique"]


def test_a_branch_with_another_number_is_another_payer():
    match = seen(billed("Supermarkt Union Filiale 12"), "Supermarkt Union Filiale 13")

    assert [e["kind"] for e in match.evidence] == ["amount_unique"]


def test_between_two_of_one_name_the_amount_decides():
    billed("Meyer GmbH", (10, "10.00"))
    meant = billed("Meyer AG", (10, "20.00"))

    match = seen(meant, "MEYER")

    assert (match.tier, match.payer) == ("strong", meant.payer)


def test_between_two_of_one_name_and_amount_nobody_chooses():
    first = billed("Meyer GmbH")
    billed("Meyer AG")

    match = seen(first, "Meyer")

    assert (match.tier, match.payer) == ("none", None)
