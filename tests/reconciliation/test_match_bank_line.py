"""One line is looked at again; what was proposed for it before is dropped."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.models import Event
from reconciliation.commands import ignore_bank_line, match_bank_line
from reconciliation.models import Match
from tests.given.reconciliation import entry, imported, line_of, matched, owed, paid

pytestmark = pytest.mark.django_db


def test_a_line_can_be_looked_at_again_after_its_invoice_came():
    (before,) = matched(entry("119.00", "soon"))
    invoice = owed()

    again = match_bank_line(before.bank_line_id, actor=SYSTEM)

    before.refresh_from_db()
    assert (before.state, before.tier) == ("dismissed", "none")
    assert (again.state, again.tier, again.payer) == ("proposed", "possible", invoice.payer)
    assert Event.objects.get(name="match.dismissed").facts == {"reason": "looked at again"}


def test_looking_twice_leaves_one_live_proposal():
    line = line_of(imported(entry("5.00")))

    match_bank_line(line.pk, actor=SYSTEM)
    second = match_bank_line(line.pk, actor=SYSTEM)

    assert Match.objects.get(state="proposed") == second


def test_only_the_line_asked_for_is_looked_at():
    statement = imported(entry("1.00", "a"), entry("2.00", "b"))

    match_bank_line(line_of(statement, 2).pk, actor=SYSTEM)

    assert Match.objects.get().bank_line == line_of(statement, 2)


def test_what_is_explained_or_money_out_gets_no_proposal():
    applied = paid(owed()).bank_line
    fee, ignored = (line_of(imported(entry(amount))) for amount in ("-9.90", "3.00"))
    ignore_bank_line(ignored.pk, reason="not ours", actor=SYSTEM)

    for line in (applied, fee, ignored):
        assert match_bank_line(line.pk, actor=SYSTEM) is None


def test_who_may_not_match_drops_nothing(controller):
    (match,) = matched(entry("5.00"))

    with pytest.raises(NotPermitted):
        match_bank_line(match.bank_line_id, actor=controller)

    match.refresh_from_db()
    assert match.state == "proposed"
