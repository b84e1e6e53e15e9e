"""A person says who paid and what, and it is done: all of it, or nothing has changed."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from receivables.models import Payment
from reconciliation.commands import apply_choice
from reconciliation.models import Match
from reconciliation.rules import Share
from tests.given.reconciliation import entry, imported, line_of, matched, owed, paid

pytestmark = pytest.mark.django_db


def apply(line_id, invoice, amount="119.00", *, actor=SYSTEM, **more):
    """The line pays so much of the invoice."""
    shares = [Share(invoice.open_items.get().pk, Decimal(amount))]
    return apply_choice(line_id, payer_id=invoice.payer_id, shares=shares, actor=actor, **more)


def test_what_is_chosen_is_applied_and_the_rest_is_on_account(cashier, books_agree):
    invoice = owed()
    (proposed,) = matched(entry("200.00", "who knows"))

    match = apply(proposed.bank_line_id, invoice, actor=cashier)

    proposed.refresh_from_db()
    assert (proposed.state, match.tier, match.state) == ("dismissed", "manual", "applied")
    assert invoice.open_items.get().open_amount == 0
    assert Payment.objects.get().unapplied == Decimal("81.00")
    books_agree()


def test_what_cannot_be_applied_leaves_the_proposal_as_it_was():
    """Somebody else has settled the item in the meantime."""
    invoice = owed()
    (proposed,) = matched(entry("200.00", "who knows"))
    paid(invoice)

    with pytest.raises(RuleViolation, match="nothing of it is open any more"):
        apply(proposed.bank_line_id, invoice)

    proposed.refresh_from_db()
    assert proposed.state == "proposed"
    assert not Match.objects.filter(tier="manual").exists()


def test_the_same_form_sent_twice_is_applied_once():
    invoice, line = owed(), line_of(imported(entry("200.00")))

    first, second = (apply(line.pk, invoice, op_id="one form") for _ in range(2))

    assert first == second
    assert Payment.objects.count() == 1


def test_who_may_not_apply_chooses_nothing(controller):
    (proposed,) = matched(entry("200.00"))

    with pytest.raises(NotPermitted):
        apply(proposed.bank_line_id, owed(), actor=controller)

    proposed.refresh_from_db()
    assert proposed.state == "proposed"
