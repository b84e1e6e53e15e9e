"""A bank line whose day lies in a closed month: what it does is booked on the first open day."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from o2c.core.actors import SYSTEM
from o2c.core.verify import run_all
from o2c.ledger.models import Entry
from receivables.models import Allocation, Payment
from reconciliation.commands import (
    apply_choice,
    apply_match,
    ignore_bank_line,
    join_payment,
    match_return,
    reconcile_bank_statement,
    reopen_bank_line,
    undo_match,
)
from reconciliation.rules import Share
from tests.given import ledger as given_ledger
from tests.given import receivables as given
from tests.given.reconciliation import entry, imported, line_of, matched, owed

pytestmark = pytest.mark.django_db

JANUARY, FIRST_OPEN = date(2026, 1, 20), date(2026, 2, 1)


def close_january():
    given_ledger.closed_period(JANUARY)


@pytest.fixture
def invoice():
    return owed(on=date(2026, 1, 5))


def shown(payment):
    entry = Entry.objects.get(
        source_type="receivables.payment", source_id=payment.pk, purpose="record"
    )
    return payment.posting_date, entry.posting_date, payment.value_date


def test_a_proposal_is_applied_on_the_first_open_day(invoice):
    (match,) = matched(entry("119.00", invoice.number, day=JANUARY), on=JANUARY)
    close_january()

    match = apply_match(match.pk, actor=SYSTEM)

    payment = match.bank_line.payment
    assert shown(payment) == (FIRST_OPEN, FIRST_OPEN, JANUARY)
    assert Allocation.objects.get().effective_date == FIRST_OPEN
    assert not [found for found in run_all() if not found.holds]


def test_what_is_chosen_by_hand_is_applied_on_the_first_open_day(invoice):
    statement = imported(entry("119.00", "by hand", day=JANUARY), on=JANUARY)
    close_january()
    item = invoice.open_items.get()

    apply_choice(
        line_of(statement).pk,
        payer_id=invoice.payer_id,
        shares=[Share(item.pk, D("119.00"))],
        actor=SYSTEM,
    )

    assert shown(Payment.objects.get())[1:] == (FIRST_OPEN, JANUARY)
    item.refresh_from_db()
    assert item.is_settled


def test_it_is_undone_set_aside_and_taken_up_again(invoice):
    (match,) = matched(entry("119.00", invoice.number, day=JANUARY), on=JANUARY)
    close_january()
    line = apply_match(match.pk, actor=SYSTEM).bank_line

    undo_match(match.pk, reason="wrong payer", actor=SYSTEM)
    ignore_bank_line(line.pk, reason="a transfer", actor=SYSTEM)
    reopen_bank_line(line.pk, actor=SYSTEM)
    ignore_bank_line(line.pk, reason="a transfer after all", actor=SYSTEM)

    statement = reconcile_bank_statement(line.statement_id, actor=SYSTEM)
    assert statement.state == "reconciled"
    assert not [found for found in run_all() if not found.holds]


def test_a_payment_is_taken_back_on_the_first_open_day(invoice):
    (match,) = matched(entry("119.00", invoice.number, day=date(2026, 1, 10)), on=date(2026, 1, 10))
    payment = apply_match(match.pk, actor=SYSTEM).bank_line.payment
    back = line_of(imported(entry("-121.50", "returned", day=JANUARY), on=JANUARY))
    close_january()

    match_return(back.pk, payment_id=payment.pk, reason="AC04", actor=SYSTEM)

    back.refresh_from_db()
    assert shown(back.payment) == (FIRST_OPEN, FIRST_OPEN, JANUARY)
    assert invoice.open_items.get().open_amount == D("119.00")
    assert not [found for found in run_all() if not found.holds]


def test_a_payment_entered_by_hand_is_joined(invoice):
    line = line_of(imported(entry("119.00", day=JANUARY), on=JANUARY))
    payment = given.payment("119.00", customer=invoice.payer, on=JANUARY)
    close_january()

    join_payment(line.pk, payment_id=payment.pk, actor=SYSTEM)

    line.refresh_from_db()
    assert line.payment == payment


def test_the_page_says_on_which_day_it_is_booked(boss, invoice):
    (match,) = matched(entry("119.00", invoice.number, day=JANUARY), on=JANUARY)
    close_january()

    page = boss.get(reverse("reconciliation:bank_line_detail", args=[match.bank_line_id]))

    said = strip_tags(page.content.decode())
    assert "2026-01 is closed: what you apply is booked on 1 Feb 2026." in said
