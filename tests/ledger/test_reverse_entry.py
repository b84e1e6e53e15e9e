"""reverse_entry: the exact mirror, once."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError

from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.ledger.commands import PeriodClosed, Posting, reverse_entry
from o2c.ledger.models import Entry
from o2c.ledger.queries import balance
from tests.factories.masters import CustomerFactory
from tests.given.ledger import DAY, closed_period, opened, posted

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def october():
    opened(OCTOBER)


def undo(entry, on=OCTOBER, purpose="undo"):
    return reverse_entry(entry.pk, on, source=("masters.company", 1), purpose=purpose, actor=SYSTEM)


def sale():
    customer, rate = CustomerFactory(), Decimal("0.9")
    amounts = {"AR": Decimal(119), "REVENUE": Decimal(-100), "TAX": Decimal(-19)}
    return posted(
        *(
            Posting(role, amount, "USD", amount * rate, customer.pk if role == "AR" else None)
            for role, amount in amounts.items()
        )
    )


def test_the_mirror_takes_every_line_back(check_deferred):
    entry = sale()

    mirror = undo(entry)
    check_deferred()

    def lines_of(one, sign=1):
        return [
            (
                line.account_id,
                line.customer_id,
                line.currency,
                sign * line.amount,
                sign * line.base_amount,
            )
            for line in one.lines.order_by("number")
        ]

    assert lines_of(mirror) == lines_of(entry, sign=-1)
    assert (mirror.reverses, mirror.posting_date) == (entry, OCTOBER)
    assert balance("AR") == balance("REVENUE") == 0


def test_reversing_takes_two_statements(count_statements):
    entry, _ = sale(), posted(purpose="October", on=OCTOBER)

    with count_statements() as count:
        command(lambda *, actor: undo(entry))(actor=SYSTEM)

    assert int(count) == 2, str(count)


def test_the_same_reversal_again_is_the_one_there_is():
    entry = posted()

    assert undo(entry) == undo(entry)
    assert Entry.objects.count() == 2


def test_an_entry_is_reversed_once():
    entry = posted()
    undo(entry)

    with pytest.raises(RuleViolation, match="reversed already"):
        undo(entry, purpose="again")


def test_a_reversal_is_not_reversed():
    mirror = undo(posted())

    with pytest.raises(RuleViolation, match="A reversal is not reversed"):
        undo(mirror, purpose="again")


def test_a_reversal_finds_an_open_month():
    entry = posted()
    closed_period()

    with pytest.raises(PeriodClosed):
        undo(entry, on=DAY)


def test_an_unknown_entry_is_refused():
    with pytest.raises(RuleViolation, match="Entry 0 does not exist"):
        reverse_entry(0, DAY, source=("masters.company", 1), purpose="x", actor=SYSTEM)


def post_crooked_mirror(entry):
    """Half of every line, though it says it reverses entry."""
    mirror = Entry.objects.create(
        source_type="masters.company",
        source_id=1,
        purpose="undo",
        posting_date=DAY,
        period=entry.period,
        line_count=2,
        reverses=entry,
        recorded_by="x",
    )
    for line in entry.lines.all():
        line.pk, line.entry = None, mirror
        line.amount, line.base_amount = -line.amount / 2, -line.base_amount / 2
        line.save(force_insert=True)


def test_the_database_refuses_a_mirror_that_differs(check_deferred):
    post_crooked_mirror(posted())

    with pytest.raises(IntegrityError, match="does not mirror"):
        check_deferred()
