"""A statement whose balances do not fit is posted from when somebody says why that is right."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from reconciliation.commands import accept_bank_statement, apply_match
from tests.given.reconciliation import entry, imported, matched, owed

pytestmark = pytest.mark.django_db


@pytest.fixture
def odd():
    """A statement that does not add up."""
    return imported(entry(5), opening=100, closing=999)


def test_the_reason_stands_on_the_statement_and_in_its_history(odd, controller):
    accept_bank_statement(odd.pk, reason="the bank confirmed it", actor=controller)

    odd.refresh_from_db()
    assert (odd.state, odd.accepted_reason) == ("imported", "the bank confirmed it")
    event = Event.objects.get(name="bank_statement.accepted")
    assert (event.actor, event.facts) == ("corinna", {"reason": "the bank confirmed it"})


def test_then_its_matches_can_be_applied():
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number), opening=100, closing=1)
    with pytest.raises(RuleViolation, match="cannot be posted from"):
        apply_match(match.pk, actor=SYSTEM)

    accept_bank_statement(match.bank_line.statement_id, reason="seen", actor=SYSTEM)

    assert apply_match(match.pk, actor=SYSTEM).state == "applied"


def test_what_adds_up_needs_no_acceptance():
    with pytest.raises(RuleViolation, match="nothing to accept"):
        accept_bank_statement(imported(entry(5)).pk, reason="x", actor=SYSTEM)


def test_a_reason_is_asked_for_and_given_once(odd):
    with pytest.raises(RuleViolation, match="Say why") as refused:
        accept_bank_statement(odd.pk, reason=" ", actor=SYSTEM)
    accept_bank_statement(odd.pk, reason="the bank confirmed it", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="accepted already"):
        accept_bank_statement(odd.pk, reason="something else", actor=SYSTEM)

    assert refused.value.field == "reason"
    odd.refresh_from_db()
    assert odd.accepted_reason == "the bank confirmed it"


def test_who_posts_does_not_accept(odd, cashier):
    with pytest.raises(NotPermitted):
        accept_bank_statement(odd.pk, reason="x", actor=cashier)

    odd.refresh_from_db()
    assert odd.accepted_reason == ""


def test_the_same_form_sent_twice_accepts_once(odd):
    for _ in range(2):
        accept_bank_statement(odd.pk, reason="seen", actor=SYSTEM, op_id="one form")

    assert Event.objects.filter(name="bank_statement.accepted").count() == 1
