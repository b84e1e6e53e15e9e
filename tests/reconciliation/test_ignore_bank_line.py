"""A line that is none of receivables' business is set aside, with a reason."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from reconciliation.commands import ignore_bank_line
from tests.given.reconciliation import entry, imported, line_of, matched, owed, paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def fee():
    """The line of a charge of the bank."""
    return line_of(imported(entry("-9.90", "account fee")))


def test_an_ignored_line_says_why_and_by_whom(fee, cashier):
    ignore_bank_line(fee.pk, reason="bank charges", actor=cashier)

    fee.refresh_from_db()
    assert fee.is_settled
    assert (fee.ignored_reason, fee.ignored_by) == ("bank charges", "carlo")


def test_its_proposal_is_dropped_for_the_same_reason():
    (match,) = matched(entry("5.00", "refund"))

    ignore_bank_line(match.bank_line_id, reason="a supplier's refund", actor=SYSTEM)

    match.refresh_from_db()
    assert match.state == "dismissed"
    event = Event.objects.get(name="match.dismissed")
    assert event.facts == {"reason": "a supplier's refund"}


def test_ignoring_needs_a_reason(fee):
    with pytest.raises(RuleViolation, match="why") as refused:
        ignore_bank_line(fee.pk, reason=" ", actor=SYSTEM)

    assert refused.value.field == "reason"


def test_an_applied_line_cannot_be_ignored():
    match = paid(owed())

    with pytest.raises(RuleViolation, match="settled already"):
        ignore_bank_line(match.bank_line_id, reason="x", actor=SYSTEM)


def test_a_line_is_ignored_once(fee):
    ignore_bank_line(fee.pk, reason="charges", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="settled already"):
        ignore_bank_line(fee.pk, reason="other", actor=SYSTEM)


def test_who_signs_off_does_not_set_aside(fee, controller):
    with pytest.raises(NotPermitted):
        ignore_bank_line(fee.pk, reason="x", actor=controller)

    fee.refresh_from_db()
    assert not fee.is_settled
