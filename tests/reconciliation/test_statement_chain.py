"""Statements are told apart by their balances: no booking is lost, doubled or set aside."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from reconciliation.commands import (
    accept_bank_statement,
    apply_match,
    import_statement,
    match_statement,
    reopen_bank_line,
    undo_match,
)
from reconciliation.models import BankLine, BankStatement, Match
from reconciliation.queries import open_lines
from tests.given.reconciliation import (
    entry,
    file_of,
    imported,
    line_of,
    owed,
    paid,
    statement_record,
)
from tests.proof import assert_books_agree

pytestmark = pytest.mark.django_db


def take(*entries, reinstate=False, **more):
    record = statement_record(*entries, **more)
    return import_statement(
        "", f"{record.statement_id}.xml", file_of(record), reinstate=reinstate, actor=SYSTEM
    )


def days_ago(days):
    return clock.today() - timedelta(days=days)


@pytest.fixture(autouse=True)
def the_books_hold():
    """The balances and the chain hold after every test, whatever it has done."""
    yield
    assert_books_agree(["H1", "H2", "H3", "H5"])


def test_an_equal_line_of_the_next_statement_is_kept_and_the_balance_is_right():
    """It was skipped as already here, and the bank balance was 3.50 too high."""
    imported(entry("3.50", "coffee"), opening=100)

    result = take(entry("3.50", "coffee"), statement_id="NEXT")

    assert (result.created, result.skipped, result.statements[0].problems) == (1, 0, [])
    assert BankLine.objects.count() == 2
    last = BankStatement.objects.latest("pk")
    assert (last.opening, last.closing) == (Decimal("103.50"), Decimal("107.00"))
    assert last.follows == BankStatement.objects.earliest("pk")


def test_the_same_statement_in_another_file_is_here():
    imported(entry(5, "one"), opening=100)

    again = take(entry(5, "said otherwise"), opening=100, statement_id="OTHER")

    assert (again.created, again.skipped) == (0, 1)
    assert "Statement OTHER is already here, in BS-" in again.statements[0].reason


def test_a_missing_statement_heals_the_chain_when_it_comes():
    first = imported(entry(5), opening=100, on=days_ago(2))
    third = imported(entry(7), opening=111, on=days_ago(0))
    assert "is not the closing 105.00 of" in third.problem

    result = take(entry(6), opening=105, on=days_ago(1), statement_id="LATE")

    second = BankStatement.objects.latest("pk")
    third.refresh_from_db()
    assert result.statements[0].problems == []
    assert (second.follows, third.follows, third.problem) == (first, second, "")
    assert Event.objects.filter(name="bank_statement.joined", document_id=third.pk).exists()


def held_and_next():
    """S2 lacks a line and does not add up; S3 begins where S2 should have ended."""
    imported(entry(5), opening=100, on=days_ago(2))
    wrong = imported(entry(6, "b"), opening=105, closing=999, on=days_ago(1))
    after = imported(entry(7), opening=116, on=days_ago(0))
    assert wrong.problem
    assert after.problem
    return wrong, after


def corrected(wrong, **more):
    record = {"opening": 105, "on": days_ago(1), "statement_id": wrong.statement_id} | more
    return take(entry(6, "b"), entry(5, "forgotten"), **record)


def test_a_corrected_statement_replaces_the_held_one_openly_and_heals_the_chain(carlo):
    wrong, after = held_and_next()
    match_statement(wrong.pk, actor=SYSTEM)

    result = corrected(wrong)

    (outcome,) = result.statements
    new = BankStatement.objects.latest("pk")
    wrong.refresh_from_db()
    after.refresh_from_db()
    assert (outcome.kept, outcome.replaces, outcome.problems) == (2, str(wrong), [])
    assert (wrong.state, wrong.replaced_by, wrong.follows) == ("replaced", new, None)
    assert (new.problem, after.problem, after.follows) == ("", "", new)
    assert new.follows == BankStatement.objects.earliest("pk")
    assert line_of(wrong).ignored_reason == f"Replaced by {new}."
    assert list(open_lines().filter(statement=wrong)) == []
    assert set(Match.objects.values_list("state", flat=True)) <= {"dismissed"}
    old_page, new_page = (carlo.get(s.get_absolute_url()).content.decode() for s in (wrong, new))
    assert new.get_absolute_url() in old_page
    assert wrong.get_absolute_url() in new_page


def test_what_is_replaced_stays_on_record_and_as_it_is():
    wrong, _after = held_and_next()
    corrected(wrong)

    with pytest.raises(RuleViolation, match="is replaced"):
        reopen_bank_line(line_of(wrong).pk, actor=SYSTEM)
    with pytest.raises(RuleViolation, match="is replaced"):
        accept_bank_statement(wrong.pk, reason="x", actor=SYSTEM)
    again = take(
        entry(6, "b"), opening=105, closing=999, on=days_ago(1), statement_id=wrong.statement_id
    )
    assert again.created == 0
    assert "has been replaced" in again.statements[0].reason


@pytest.fixture
def turned_back():
    """S1 as the bank sent it first, and S2; a wrong correction of S1 has cut S2 off."""
    first = imported(entry(5, "rent"), opening=100, on=days_ago(1))
    second = imported(entry(6), on=days_ago(0))
    again = {"opening": 100, "on": days_ago(1), "statement_id": first.statement_id}
    take(entry(5, "rent"), entry(4, "not ours"), **again)
    second.refresh_from_db()
    assert second.problem
    return first, second, again


def test_a_wrong_correction_is_turned_back_openly(turned_back, carlo):
    first, second, again = turned_back
    wrong = BankStatement.objects.latest("pk")
    match_statement(wrong.pk, actor=SYSTEM)

    told = take(entry(5, "rent"), **again)
    result = take(entry(5, "rent"), reinstate=True, **again)

    assert told.created == 0
    assert "has been replaced. It can be reinstated" in told.statements[0].reason
    new = BankStatement.objects.latest("pk")
    wrong.refresh_from_db()
    second.refresh_from_db()
    assert (result.statements[0].kept, result.statements[0].replaces) == (1, str(wrong))
    assert (wrong.state, wrong.replaced_by, first.pk) == ("replaced", new, first.pk)
    assert (new.problem, second.problem, second.follows) == ("", "", new)
    assert {line.statement for line in open_lines()} == {new, second}
    page = carlo.get(new.get_absolute_url()).content.decode()
    assert wrong.get_absolute_url() in page


def test_turned_back_twice_every_copy_stays_on_record(turned_back):
    first, _second, again = turned_back
    for _ in range(2):
        take(entry(5, "rent"), reinstate=True, **again)
        take(entry(5, "rent"), entry(4, "not ours"), reinstate=True, **again)
    take(entry(5, "rent"), reinstate=True, **again)

    assert take(entry(5, "rent"), reinstate=True, **again).created == 0
    copies = BankStatement.objects.filter(statement_id=first.statement_id).order_by("pk")
    assert [copy.state for copy in copies] == ["replaced"] * 6 + ["imported"]
    assert not BankStatement.objects.exclude(state="replaced").exclude(problem="").exists()


def test_what_is_applied_of_a_wrong_correction_is_undone_first():
    invoice = owed()
    first = imported(entry(5), opening=100)
    again = {"opening": 100, "statement_id": first.statement_id}
    take(entry(invoice.gross, invoice.number), **again)
    (match,) = match_statement(BankStatement.objects.latest("pk").pk, actor=SYSTEM)
    apply_match(match.pk, actor=SYSTEM)

    refused = take(entry(5), reinstate=True, **again)

    assert "1 of its lines are applied" in str(refused.errors[0])
    undo_match(match.pk, reason="not ours", actor=SYSTEM)
    assert take(entry(5), reinstate=True, **again).created == 1


def test_the_page_and_the_command_reinstate(turned_back, carlo, tmp_path):
    first, _second, again = turned_back
    file, wrong_file = tmp_path / "first.xml", tmp_path / "wrong.xml"
    file.write_bytes(file_of(statement_record(entry(5, "rent"), **again)))
    more = [entry(5, "rent"), entry(4, "not ours")]
    wrong_file.write_bytes(file_of(statement_record(*more, **again)))

    page = reverse("reconciliation:bank_statement_import")
    with file.open("rb") as sent:
        carlo.post(page, {"file": sent, "reinstate": "on"})
    assert BankStatement.objects.filter(state="replaced").count() == 2
    call_command("import_statement", str(wrong_file), reinstate=True, stdout=StringIO())
    assert BankStatement.objects.filter(state="replaced").count() == 3
    assert BankStatement.objects.latest("pk").statement_id == first.statement_id


def test_a_dry_run_says_what_would_be_replaced_and_replaces_nothing():
    wrong, _after = held_and_next()
    record = statement_record(
        entry(6, "b"), entry(5), opening=105, on=days_ago(1), statement_id=wrong.statement_id
    )

    result = import_statement("", "s.xml", file_of(record), dry_run=True, actor=SYSTEM)

    assert result.statements[0].replaces == str(wrong)
    wrong.refresh_from_db()
    assert (wrong.state, BankStatement.objects.count()) == ("imported", 3)


def test_a_correction_of_what_is_applied_is_refused_until_it_is_undone():
    match = paid(owed())
    statement = match.bank_line.statement
    as_before = {"opening": statement.opening, "statement_id": statement.statement_id}

    refused = take(entry(1, "other"), **as_before)

    assert refused.refused
    assert f"The bank has corrected {statement}, but 1 of its lines are applied." in str(
        refused.errors[0]
    )
    assert BankStatement.objects.count() == 1
    undo_match(match.pk, reason="corrected by the bank", actor=SYSTEM)
    assert take(entry(1, "other"), **as_before).statements[0].replaces == str(statement)


def test_a_correction_that_ends_elsewhere_holds_what_followed_until_that_is_corrected_too():
    first = imported(entry(5), opening=100, on=days_ago(1))
    second = imported(entry(6), on=days_ago(0))

    take(entry(5), entry(4, "x"), opening=100, on=days_ago(1), statement_id=first.statement_id)

    second.refresh_from_db()
    assert second.follows is None
    assert "Opening 105.00 is not the closing 109" in second.problem
    take(entry(6), opening=109, on=days_ago(0), statement_id=second.statement_id)
    assert not BankStatement.objects.exclude(state="replaced").exclude(problem="").exists()


def test_two_statements_of_one_file_that_come_in_the_wrong_order_are_chained():
    records = [
        statement_record(entry(6), opening=105, on=days_ago(0), statement_id="S2"),
        statement_record(entry(5), opening=100, on=days_ago(1), statement_id="S1"),
    ]
    for record in records:
        import_statement("", f"{record.statement_id}.xml", file_of(record), actor=SYSTEM)

    later, first = BankStatement.objects.order_by("pk")
    assert (first.follows, later.follows) == (None, first)
    assert (first.problem, later.problem) == ("", "")


def test_the_list_of_problems_leaves_out_what_is_replaced(corinna):
    wrong, _after = held_and_next()
    corrected(wrong)

    page = corinna.get(reverse("reconciliation:bank_statement_list") + "?tab=problem")

    assert str(wrong) not in page.content.decode()
