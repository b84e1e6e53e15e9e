"""A replay touches nothing of the database at hand: it has a database and files of its own."""

import os
import subprocess
import sys
from datetime import date

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from o2c.core.actors import SystemActor
from o2c.ledger.commands import install_chart
from o2c.ledger.models import Period, PeriodState
from o2c.masters.models import Company, Customer
from o2c.rehearsal.database import SCRATCH, kept_name, own_database
from tests.replay.test_replay import SALES, file_of, replay

pytestmark = pytest.mark.django_db(transaction=True)


def databases():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname = %s OR starts_with(datname, %s)",
            [kept_name("replay"), f"{connection.settings_dict['NAME']}{SCRATCH}"],
        )
        return {name for (name,) in cursor.fetchall()}


def count_orders(name):
    """How many orders the database of that name holds, as a command sees it."""
    asked = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity=0", "--command",
         "from orders.models import Order; print(Order.objects.count())"],
        env=os.environ | {"DATABASE_NAME": name}, cwd=settings.BASE_DIR,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(asked.stdout)


def close_june_2011():
    Period.objects.create(
        code="2011-06",
        start_date=date(2011, 6, 1),
        end_date=date(2011, 6, 30),
        state=PeriodState.CLOSED,
        closed_by="the demo",
        entry_count=0,
    )


def test_a_replay_beside_a_closed_month_leaves_the_database_at_hand_as_it_is(tmp_path, capfd):
    """The fault of the issue: after start.py the month of the file is closed in the demo."""
    close_june_2011()
    try:
        call_command("replay", orders=str(file_of(tmp_path, SALES)), keep=True)

        report = capfd.readouterr().out
        assert "total ordered 29.25: the file's total 29.25" in report
        assert "0 violated" in report
        assert databases() == {kept_name("replay")}
        assert count_orders(kept_name("replay")) == 2
        assert list((settings.STATE_DIR / kept_name("replay") / "bank").glob("*.xml"))
        assert not Company.objects.exists()
        assert not Customer.objects.exists()
        assert Period.objects.get().state == PeriodState.CLOSED
    finally:
        with own_database("replay", keep=True, fresh=True):
            pass
        connection.cursor().execute(f'DROP DATABASE IF EXISTS "{kept_name("replay")}" WITH (FORCE)')
    assert not (settings.STATE_DIR / kept_name("replay")).exists()


def test_a_closed_month_is_refused_before_anything_is_written(tmp_path):
    install_chart(actor=SystemActor("test"))
    close_june_2011()

    with pytest.raises(CommandError, match="2011-06 is closed here"):
        replay(file_of(tmp_path, SALES))

    assert not Customer.objects.exists()
    assert not Company.objects.exists()


def test_a_throw_away_database_is_gone_with_its_files_and_so_is_a_killed_runs():
    killed = f"{connection.settings_dict['NAME']}{SCRATCH}dead"
    connection.cursor().execute(f'CREATE DATABASE "{killed}"')

    with own_database("replay", keep=False, fresh=False) as name:
        assert databases() == {name}
        files = settings.STATE_DIR / name
        files.mkdir(parents=True)

    assert databases() == set()
    assert not files.exists()


def test_fresh_without_keep_is_refused(tmp_path):
    with pytest.raises(CommandError, match="give both"):
        call_command("replay", orders=str(file_of(tmp_path, SALES)), fresh=True)
