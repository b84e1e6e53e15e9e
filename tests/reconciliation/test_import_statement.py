"""A statement comes in whole or not at all, never twice, and says when it does not add up."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from reconciliation.commands import import_statement
from reconciliation.models import BankLine, BankStatement
from tests.factories.masters import BankAccountFactory, CurrencyFactory
from tests.given.reconciliation import (
    bank_account,
    entry,
    file_of,
    imported,
    statement_record,
)
from tests.shared_data import shared_file

pytestmark = pytest.mark.django_db


def take(data, name="s.xml", **more):
    return import_statement(bank_account().code, name, data, actor=SYSTEM, **more)


def test_lines_keep_what_the_bank_said():
    statement = imported(
        entry("12.50", "Invoice 7", counterparty_name="Acme", counterparty_iban="DE1")
    )

    line = statement.lines.get()
    assert (line.amount, line.text, line.counterparty_name) == (
        Decimal("12.50"),
        "Invoice 7",
        "Acme",
    )
    assert statement.problem == ""
    assert statement.created_by == "system"


def test_the_same_file_again_adds_nothing_and_says_so():
    data = file_of(statement_record(entry(5), entry(6)))
    take(data)

    again = take(data)

    assert (again.created, again.skipped, again.refused) == (0, 2, False)
    assert (BankStatement.objects.count(), BankLine.objects.count()) == (1, 2)


def test_two_equal_bookings_of_one_day_are_two_lines_however_often_they_come():
    """V22: neither one nor four."""
    data = file_of(statement_record(entry("3.50", "coffee"), entry("3.50", "coffee")))

    take(data)
    take(data)

    assert BankLine.objects.count() == 2


def test_an_overlapping_file_brings_only_what_is_new_and_begins_where_ours_ends():
    imported(entry(5, "one"), opening=100)
    record = statement_record(
        entry(5, "one"), entry(6, "two"), statement_id="S9", opening=100, closing=111
    )

    result = take(file_of(record))

    assert (result.created, result.skipped) == (1, 1)
    last = BankStatement.objects.latest("pk")
    assert (last.opening, last.closing, last.problem) == (105, 111, "")
    assert "1 of 2 entries of statement S9 are already here." in last.notices


def test_a_dry_run_keeps_nothing():
    result = take(file_of(statement_record(entry(5))), dry_run=True)

    assert (result.created, BankStatement.objects.count()) == (1, 0)


def test_a_statement_of_another_account_is_refused():
    data = file_of(statement_record(entry(5)))
    other = BankAccountFactory(code="OTHER", iban="DE02120300000000202051")

    result = import_statement(other.code, "s.xml", data, actor=SYSTEM)

    assert result.refused
    assert BankLine.objects.count() == 0


def test_an_unknown_account_and_an_unreadable_file_are_refused():
    assert import_statement("NOPE", "s.xml", b"<a/>", actor=SYSTEM).refused
    assert take(b"not a statement").refused
    assert BankStatement.objects.count() == 0


def test_a_statement_that_does_not_add_up_is_shown_with_its_problem():
    statement = imported(entry(5), opening=100, closing=999)

    assert "do not make closing 999" in statement.problem


def test_a_gap_in_the_chain_is_a_problem():
    imported(entry(5), opening=100)

    gap = imported(entry(6), opening=400)

    assert "is not the closing" in gap.problem


def test_a_sales_clerk_may_not_import(clerk):
    with pytest.raises(NotPermitted):
        import_statement(bank_account().code, "s.xml", b"", actor=clerk)


def test_the_number_of_statements_does_not_grow_with_the_lines(count_statements):
    few, many = ([entry(n, f"line {n}") for n in range(1, size + 1)] for size in (1, 60))
    files = [file_of(statement_record(*few)), file_of(statement_record(*many, statement_id="S2"))]

    counts = []
    for nr, data in enumerate(files):
        with count_statements() as count:
            take(data, f"{nr}.xml")
        counts.append(int(count))

    assert counts[0] == counts[1] <= 9


@pytest.mark.parametrize(
    ("path", "entries", "account", "currency"),
    [
        ("bank/camt/viafintech_valid_example_v4.xml", 13, "CH0309000000250090342", "CHF"),
        ("bank/mt940/asnb_mt940.txt", 8, "NL81ASNB9999999999", "EUR"),
    ],
)
def test_real_files_come_in_once(path, entries, account, currency):
    """V47."""
    data = shared_file(*path.split("/")).read_bytes()
    CurrencyFactory(code=currency)
    real = BankAccountFactory(code="REAL", iban=account, currency=currency)

    first = import_statement(real.code, path, data, actor=SYSTEM)
    second = import_statement(real.code, path, data, actor=SYSTEM)

    assert (first.created, second.created, second.skipped) == (entries, 0, entries)
    assert BankLine.objects.count() == entries


def test_the_management_command_prints_json_and_exits_1_when_refused(tmp_path):
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(file_of(statement_record(entry(5))))
    bad.write_bytes(b"<nothing/>")
    out = StringIO()

    call_command("import_statement", str(good), account=bank_account().code, json=True, stdout=out)

    assert json.loads(out.getvalue())["created"] == 1
    with pytest.raises(SystemExit):
        call_command(
            "import_statement", str(bad), account=bank_account().code, json=True, stdout=StringIO()
        )
