"""verify: what it prints, how it exits, what it asks of those who register."""

import json
from io import StringIO
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.utils.translation import gettext_lazy as _

from o2c.core import queries
from o2c.core.models import NumberSeries
from o2c.core.verify import SAMPLE, Invariant, registered, run_all

pytestmark = pytest.mark.django_db

BROKEN = Invariant("Z1", _("Nothing is ever broken"), "SELECT 7 AS id, 'x' AS why WHERE true")
MANY = Invariant("Z2", _("There are few"), "SELECT n AS id FROM generate_series(1, 50) AS n")
DATED = Invariant("Z3", _("It is never today"), "SELECT %(as_of)s::date AS day, %(now)s AS now")


@pytest.fixture
def broken(monkeypatch):
    monkeypatch.setattr(queries, "INVARIANTS", [BROKEN, MANY, DATED])


def run(*arguments):
    out = StringIO()
    call_command("verify", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def test_an_empty_house_is_sound():
    printed = run()

    assert "B1 " in printed
    assert "E1 " in printed
    assert "0 broken" in printed


def test_what_is_broken_is_named_row_by_row_and_the_exit_code_says_so(broken):
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("verify", "--only", "Z1", "--only", "Z2", stdout=out, no_color=True)

    assert ended.value.code == 1
    assert "1 broken" in out.getvalue()
    assert "id=7 why=x" in out.getvalue()
    assert f"... and {50 - SAMPLE} more" in out.getvalue()
    assert "2 invariants, 2 broken" in out.getvalue()


def test_machines_read_json(broken):
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("verify", "--only", "Z1", "--json", stdout=out)

    answer = json.loads(out.getvalue())
    assert answer["broken"] == 1
    (found,) = answer["invariants"]
    assert (found["id"], found["violations"], found["columns"], found["rows"]) == (
        "Z1",
        1,
        ["id", "why"],
        [[7, "x"]],
    )


def test_the_day_can_be_chosen(broken):
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("verify", "--only", "Z3", "--as-of", "2026-01-31", stdout=out)

    assert "day=2026-01-31" in out.getvalue()


def test_a_day_that_is_none_is_named():
    with pytest.raises(CommandError, match="“tomorrow” is no day: write it as YYYY-MM-DD"):
        run("--as-of", "tomorrow")


def test_an_unknown_invariant_is_refused():
    with pytest.raises(CommandError, match="no invariant Z9"):
        run("--only", "Z9")


def test_two_apps_cannot_have_the_same_id(monkeypatch):
    monkeypatch.setattr(queries, "INVARIANTS", [Invariant("B1", "Twice", "SELECT 1")])

    with pytest.raises(ImproperlyConfigured, match="B1: core and stock"):
        registered()


def test_every_title_can_be_translated():
    assert not [one.id for _app, one in registered().values() if isinstance(one.title, str)]


@pytest.mark.django_db(transaction=True)
def test_the_checks_see_one_moment_and_cannot_write(monkeypatch):
    seen = Invariant(
        "Z5",
        _("It reads a snapshot"),
        "SELECT current_setting('transaction_isolation') AS isolation, "
        "current_setting('transaction_read_only') AS read_only",
    )
    monkeypatch.setattr(queries, "INVARIANTS", [seen])

    (finding,) = run_all(only=["Z5"])

    assert finding.rows == [("repeatable read", "on")]


def test_how_far_it_has_come_is_told_beside_the_report(broken):
    out, err = StringIO(), StringIO()

    with pytest.raises(SystemExit):
        call_command("verify", "--only", "Z1", "--only", "Z2", stdout=out, stderr=err)

    assert "] 2 of 2  Z2 There are few" in err.getvalue()
    assert " of 2" not in out.getvalue()


@pytest.mark.django_db(transaction=True)
class TestTwoAtATime:
    """Outside a transaction, two invariants run at once, on connections of their own."""

    def test_all_see_the_moment_at_which_it_began(self, monkeypatch):
        rows = "SELECT id FROM core_numberseries WHERE code = 'late'"
        many = [Invariant(f"Z{nr}", "None is there", rows) for nr in range(9)]
        monkeypatch.setattr(queries, "INVARIANTS", many)

        def bar(_steps):
            def tick(_title):
                create = Thread(target=lambda: (_add_series(), connection.close()))
                create.start()
                create.join()

            return tick

        findings = run_all(only=[each.id for each in many], bar=bar)

        assert [f.invariant.id for f in findings] == [each.id for each in many]
        assert all(finding.holds for finding in findings)
        assert not any(finding.holds for finding in run_all(only=["Z0", "Z8"]))

    def test_what_goes_wrong_in_one_is_raised(self, monkeypatch):
        monkeypatch.setattr(queries, "INVARIANTS", [Invariant("Z0", "It can be read", "SELECT no")])

        with pytest.raises(ProgrammingError, match="no"):
            run_all(only=["Z0"])


def _add_series():
    NumberSeries.objects.get_or_create(code="late")
