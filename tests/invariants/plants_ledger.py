"""How the money book could lie."""

from decimal import Decimal

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.ledger.commands import Posting, reverse_entry
from tests.factories.masters import CustomerFactory
from tests.given.ledger import DAY, closed_period, posted
from tests.invariants.planted import plant, sql

LINE = ["ledger_line"]
ENTRY = ["ledger_entry"]


def reversed_entry():
    entry = posted()
    return reverse_entry(entry.pk, DAY, source=("masters.company", 1), purpose="undo", actor=SYSTEM)


@plant("E1")
def an_entry_off_by_a_cent():
    entry = posted()
    yield
    sql(
        "UPDATE ledger_line SET amount = amount + 0.01 WHERE entry_id = %s AND number = 1", entry.pk
    )


@plant("E1")
def an_entry_off_in_base_currency():
    entry = posted()
    yield
    sql("UPDATE ledger_line SET base_amount = 99 WHERE entry_id = %s AND number = 1", entry.pk)


@plant("E1")
def an_entry_without_lines():
    entry = posted()
    yield
    sql("DELETE FROM ledger_line WHERE entry_id = %s", entry.pk)


@plant("E1", without=LINE)
def lines_that_say_nothing():
    entry = posted()
    yield
    sql("UPDATE ledger_line SET amount = 0, base_amount = 0 WHERE entry_id = %s", entry.pk)


@plant("E1b")
def euros_that_are_worth_something_else():
    entry = posted()
    yield
    sql("UPDATE ledger_line SET base_amount = base_amount / 2 WHERE entry_id = %s", entry.pk)


@plant("E2")
def an_entry_of_nothing():
    entry = posted()
    yield
    sql("UPDATE ledger_entry SET source_id = 2 WHERE id = %s", entry.pk)


@plant("E2")
def an_entry_of_an_unknown_kind():
    entry = posted()
    yield
    sql("UPDATE ledger_entry SET source_type = 'nowhere.document' WHERE id = %s", entry.pk)


@plant("E4")
def a_receivable_from_nobody():
    hundred = Decimal(100)
    owed = Posting("AR", hundred, "EUR", hundred, CustomerFactory().pk)
    posted(owed, Posting("REVENUE", -hundred, "EUR", -hundred))
    yield
    sql("UPDATE ledger_line SET customer_id = NULL")


@plant("E5")
def a_mirror_with_a_crack():
    mirror = reversed_entry()
    yield
    sql("UPDATE ledger_line SET amount = amount * 2 WHERE entry_id = %s", mirror.pk)


@plant("E5", without=ENTRY)
def an_entry_reversed_twice():
    mirror = reversed_entry()
    yield
    sql(
        "INSERT INTO ledger_entry (source_type, source_id, purpose, posting_date, period_id, "
        "description, line_count, reverses_id, recorded_at, recorded_by) "
        "SELECT source_type, source_id, 'again', posting_date, period_id, '', 2, reverses_id, "
        "recorded_at, recorded_by FROM ledger_entry WHERE id = %s",
        mirror.pk,
    )


@plant("E6")
def an_entry_in_a_closed_month():
    entry = posted()
    closed_period()
    yield
    sql(
        "INSERT INTO ledger_entry (source_type, source_id, purpose, posting_date, period_id, "
        "description, line_count, recorded_at, recorded_by) SELECT source_type, source_id, 'late', "
        "posting_date, period_id, '', 2, recorded_at, recorded_by FROM ledger_entry WHERE id = %s",
        entry.pk,
    )


@plant("E6c")
def a_month_opened_behind_a_closed_one():
    posted()
    closed_period()
    yield
    sql(
        "INSERT INTO ledger_period (version, created_at, created_by, code, start_date, end_date, "
        "state, closed_by) VALUES (1, now(), 'x', '2026-03', '2026-03-01', '2026-03-31', 'open', "
        "'')"
    )
    sql(
        "INSERT INTO core_event (name, document_type, document_id, old_state, new_state, actor, "
        "request_id, facts, recorded_at) SELECT 'period.opened', 'ledger.period', id, '', 'open', "
        "'x', '', '{}', now() FROM ledger_period WHERE code = '2026-03'"
    )


@plant("E6b")
def an_entry_dated_outside_its_month():
    entry = posted()
    yield
    sql("UPDATE ledger_entry SET posting_date = '2020-01-01' WHERE id = %s", entry.pk)


@plant("E6b")
def a_line_dated_otherwise_than_its_entry():
    entry = posted()
    yield
    sql("UPDATE ledger_line SET posting_date = '2026-09-16' WHERE entry_id = %s", entry.pk)


@plant("E6d")
def an_entry_posted_on_a_day_to_come():
    entry = posted()
    yield
    sql("UPDATE ledger_entry SET recorded_at = '2026-09-13' WHERE id = %s", entry.pk)


@plant("E6", without=ENTRY)
def an_entry_exchanged_after_the_close():
    entry = posted()
    closed_period()
    yield
    sql("UPDATE ledger_entry SET recorded_at = %s WHERE id = %s", clock.now(), entry.pk)
