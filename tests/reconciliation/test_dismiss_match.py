"""A wrong proposal is dropped, and its line waits for a person."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, TransitionRefused
from o2c.core.models import Event
from reconciliation.commands import dismiss_match, match_statement
from tests.given.reconciliation import entry, matched, owed, paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposed():
    """A proposal nobody has looked at."""
    (match,) = matched(entry("5.00"))
    return match


def test_a_dismissed_proposal_says_why_and_leaves_its_line_open(proposed, cashier):
    dismissed = dismiss_match(proposed.pk, reason="not hers", actor=cashier)

    assert dismissed.state == "dismissed"
    event = Event.objects.get(name="match.dismissed")
    assert (event.actor, event.facts) == ("carlo", {"reason": "not hers"})
    assert not proposed.bank_line.is_settled


def test_its_line_may_get_another_proposal(proposed):
    dismiss_match(proposed.pk, actor=SYSTEM)

    (again,) = match_statement(proposed.bank_line.statement_id, actor=SYSTEM)

    assert (again.pk != proposed.pk, again.bank_line_id) == (True, proposed.bank_line_id)


def test_what_is_applied_is_undone_not_dismissed():
    with pytest.raises(TransitionRefused, match="It is Applied"):
        dismiss_match(paid(owed()).pk, actor=SYSTEM)


def test_a_proposal_is_dismissed_once(proposed):
    dismiss_match(proposed.pk, actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is Dismissed"):
        dismiss_match(proposed.pk, actor=SYSTEM)


def test_dismissing_needs_the_right(proposed, controller):
    with pytest.raises(NotPermitted):
        dismiss_match(proposed.pk, actor=controller)

    proposed.refresh_from_db()
    assert proposed.state == "proposed"
