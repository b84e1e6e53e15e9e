"""A person says who paid and what; the proposal gives way."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from reconciliation.commands import apply_match, choose_match, ignore_bank_line
from reconciliation.models import Match
from reconciliation.queries import in_words
from reconciliation.rules import Share
from tests.given.reconciliation import entry, imported, line_of, matched, owed, paid

pytestmark = pytest.mark.django_db


def chosen(line_id, invoice, *, actor=SYSTEM, **more):
    """The line pays all that is open of the invoice."""
    item = invoice.open_items.get()
    shares = [Share(item.pk, item.open_amount)]
    return choose_match(line_id, payer_id=invoice.payer_id, shares=shares, actor=actor, **more)


def test_a_clerk_chooses_by_hand_and_the_rest_goes_on_account(cashier):
    invoice = owed()
    (proposed,) = matched(entry("200.00", "who knows"))

    match = chosen(proposed.bank_line_id, invoice, actor=cashier)

    proposed.refresh_from_db()
    assert (proposed.state, match.tier) == ("dismissed", "manual")
    assert (match.shares.get().amount, match.on_account) == (119, 81)
    assert in_words(match.evidence) == ["Chosen by carlo."]
    assert Event.objects.get(name="match.chosen").actor == "carlo"


def test_what_was_chosen_is_applied_as_it_says():
    invoice = owed()
    line = line_of(imported(entry("200.00")))

    apply_match(chosen(line.pk, invoice).pk, actor=SYSTEM)

    assert invoice.open_items.get().open_amount == 0
    line.refresh_from_db()
    assert line.payment.unapplied == Decimal("81.00")


def test_a_payer_without_items_gets_all_of_it_on_account():
    invoice = owed()
    line = line_of(imported(entry("50.00")))

    match = choose_match(line.pk, payer_id=invoice.payer_id, actor=SYSTEM)

    assert (match.payer, match.on_account) == (invoice.payer, 50)


def test_no_more_than_the_line_can_be_chosen():
    line = line_of(imported(entry("50.00")))

    with pytest.raises(RuleViolation, match="is more than the line's") as refused:
        chosen(line.pk, owed())

    assert refused.value.field == "shares"
    assert not Match.objects.exists()


@pytest.mark.parametrize("amounts", [["-1.00"], ["0.00"], ["5.00", "6.00"]])
def test_shares_are_above_zero_and_name_an_item_once(amounts):
    line, invoice = line_of(imported(entry("50.00"))), owed()
    item = invoice.open_items.get()

    with pytest.raises(RuleViolation) as refused:
        choose_match(
            line.pk,
            payer_id=invoice.payer_id,
            shares=[Share(item.pk, Decimal(amount)) for amount in amounts],
            actor=SYSTEM,
        )

    assert refused.value.field == "shares"
    assert not Match.objects.exists()


@pytest.mark.parametrize(
    ("amount", "discount", "sentence"),
    [("0.001", "0", "at most 2 decimals"), ("5.00", "-1.00", "more than nothing")],
)
def test_a_share_is_a_whole_number_of_cents(amount, discount, sentence):
    line, invoice = line_of(imported(entry("50.00"))), owed()
    share = Share(invoice.open_items.get().pk, Decimal(amount), Decimal(discount))

    with pytest.raises(RuleViolation, match=sentence) as refused:
        choose_match(line.pk, payer_id=invoice.payer_id, shares=[share], actor=SYSTEM)

    assert refused.value.field == "shares"


def test_another_customers_item_and_an_unknown_one_are_not_chosen():
    line, mine, theirs = line_of(imported(entry("50.00"))), owed(), owed()

    for item_id in (theirs.open_items.get().pk, 0):
        share = Share(item_id, Decimal("5.00"))
        with pytest.raises(RuleViolation, match="Not all of these items are the payer's"):
            choose_match(line.pk, payer_id=mine.payer_id, shares=[share], actor=SYSTEM)


def test_a_payer_there_is_none_of_is_refused():
    line = line_of(imported(entry("50.00")))

    with pytest.raises(RuleViolation, match="no such payer") as refused:
        choose_match(line.pk, payer_id=0, actor=SYSTEM)

    assert refused.value.field == "payer"


def test_money_out_pays_no_debt():
    line, invoice = line_of(imported(entry("-9.90", "fee"))), owed()
    share = Share(invoice.open_items.get().pk, Decimal("9.90"))

    with pytest.raises(RuleViolation, match="is money out: it pays back credits"):
        choose_match(line.pk, payer_id=invoice.payer_id, shares=[share], actor=SYSTEM)


def test_what_is_explained_is_not_chosen_for():
    applied = paid(owed()).bank_line
    ignored = line_of(imported(entry("3.00")))
    ignore_bank_line(ignored.pk, reason="not ours", actor=SYSTEM)
    invoice = owed()

    for line in (applied, ignored):
        with pytest.raises(RuleViolation, match="settled already"):
            chosen(line.pk, invoice)


def test_who_may_not_choose_leaves_the_proposal(controller):
    (proposed,) = matched(entry("200.00"))

    with pytest.raises(NotPermitted):
        chosen(proposed.bank_line_id, owed(), actor=controller)

    proposed.refresh_from_db()
    assert proposed.state == "proposed"


def test_the_same_form_sent_twice_chooses_once():
    invoice = owed()
    line = line_of(imported(entry("200.00")))

    for _ in range(2):
        chosen(line.pk, invoice, op_id="one form")

    assert Match.objects.count() == 1
