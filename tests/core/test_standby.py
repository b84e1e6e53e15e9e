"""Reports are read from the standby in one snapshot; commands are not, and nothing is written."""

from datetime import timedelta
from decimal import Decimal
from threading import Thread
from unittest import mock

import pytest
from django.db import InternalError, OperationalError, connection, connections, transaction

from o2c.core import clock, standby
from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.core.standby import (
    ReadInCommand,
    Source,
    StandbyLost,
    current_reading,
    reading_from_standby,
    stream_from_standby,
)
from o2c.core.transitions import begin
from tests.sample.models import Parcel
from tests.standby import server_read, standby_at_hand

pytestmark = pytest.mark.django_db(transaction=True)


@command
def wrap(*, actor) -> Parcel:
    return begin(Parcel(address="Rome", value=Decimal(1)), actor=actor, event="wrapped")


def wrap_elsewhere() -> None:
    """Another connection commits a parcel."""

    def run() -> None:
        wrap(actor=SYSTEM)
        connections.close_all()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def break_the_standby() -> None:
    """End the session that this thread reads from, as a server that stops does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def sleep_in_report() -> None:
    """A report that takes longer than a statement may."""
    with reading_from_standby(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
        cursor.execute("SELECT pg_sleep(9)")


class TestWhereItIsRead:
    def test_queries_and_raw_sql_go_to_the_standby_and_afterwards_to_the_primary_again(self):
        with standby_at_hand(lag_s=3):
            with reading_from_standby() as reading:
                assert (server_read(), Parcel.objects.count()) == ("standby", 0)
                assert current_reading() is reading
            assert server_read() == "primary"
        assert current_reading() is None
        assert (reading.source, reading.lag_s) == (Source.STANDBY, 3)
        assert abs(clock.now() - reading.as_of - timedelta(seconds=3)) < timedelta(seconds=60)

    def test_without_a_standby_the_primary_is_read(self):
        with reading_from_standby() as reading:
            assert server_read() == "primary"
        assert reading.source == Source.ALONE

    @pytest.mark.parametrize("lag_s", [31, None])
    def test_a_standby_too_far_behind_is_not_read(self, lag_s):
        with standby_at_hand(lag_s=lag_s), reading_from_standby() as reading:
            assert server_read() == "primary"
        assert reading.source == Source.BEHIND

    def test_how_far_behind_is_too_far_is_a_setting(self, settings):
        settings.STANDBY_MAX_LAG = 40.0
        with standby_at_hand(lag_s=31), reading_from_standby() as reading:
            assert reading.source == Source.STANDBY

    def test_a_standby_that_is_gone_is_left_alone_for_a_while(self):
        with standby_at_hand(port="1"):
            with reading_from_standby() as reading:
                assert server_read() == "primary"
            assert reading.source == Source.GONE
            with mock.patch.object(standby, "_as_of", return_value=None) as ask:
                with reading_from_standby() as reading:
                    assert (reading.source, ask.called) == (Source.GONE, False)
                with mock.patch.object(standby, "_silent_until", 0.0), reading_from_standby():
                    assert ask.called

    def test_a_running_transaction_keeps_to_itself(self):
        with standby_at_hand(), transaction.atomic(), reading_from_standby() as reading:
            assert server_read() == "primary"
            assert reading.source == Source.ALONE

    def test_a_report_inside_a_report_reads_the_same(self):
        with standby_at_hand(lag_s=2), reading_from_standby() as outer:
            with reading_from_standby() as inner:
                assert server_read() == "standby"
            assert inner is outer

    def test_a_command_never_decides_on_it(self):
        @command
        def peek(*, actor):
            with reading_from_standby():
                return Parcel.objects.count()

        with standby_at_hand(), pytest.raises(ReadInCommand):
            peek(actor=SYSTEM)


class TestHowItIsRead:
    @pytest.mark.parametrize("lag_s", [0, 99], ids=["standby", "primary"])
    def test_all_of_it_is_one_moment(self, lag_s):
        with standby_at_hand(lag_s=lag_s), reading_from_standby():
            before = Parcel.objects.count()
            wrap_elsewhere()
            assert Parcel.objects.count() == before == 0
        assert Parcel.objects.count() == 1

    @pytest.mark.parametrize("lag_s", [0, 99], ids=["standby", "primary"])
    def test_whoever_writes_there_fails(self, lag_s):
        with (
            standby_at_hand(lag_s=lag_s),
            pytest.raises(InternalError, match="read-only transaction"),
            reading_from_standby(),
        ):
            Parcel.objects.create(address="Oslo")
        assert (server_read(), Parcel.objects.count()) == ("primary", 0)

    def test_a_bug_in_a_report_is_no_standby_that_is_lost(self):
        with standby_at_hand():
            with pytest.raises(ValueError, match="a bug"), reading_from_standby():
                raise ValueError("a bug")
            with pytest.raises(OperationalError, match="statement timeout"):
                sleep_in_report()
            with reading_from_standby() as reading:
                assert reading.source == Source.STANDBY

    def test_what_is_lost_midway_is_read_again_from_the_primary(self):
        with standby_at_hand():
            with pytest.raises(StandbyLost), reading_from_standby():
                break_the_standby()
            with reading_from_standby() as reading:
                assert (server_read(), Parcel.objects.count()) == ("primary", 0)
            assert reading.source == Source.GONE


class TestFiles:
    def parts(self):
        for _ in range(3):
            yield server_read().encode()

    def test_a_file_is_read_from_the_standby_to_its_end(self):
        with standby_at_hand():
            assert list(stream_from_standby(self.parts())) == [b"standby"] * 3
            assert server_read() == "primary"

    def test_a_reader_who_goes_away_leaves_the_primary_in_place(self):
        with standby_at_hand():
            stream = stream_from_standby(self.parts())
            assert next(stream) == b"standby"
            stream.close()
            assert server_read() == "primary"
            stream_from_standby(self.parts()).close()  # never begun
            assert server_read() == "primary"

    def test_a_file_whose_source_is_lost_breaks_off(self):
        def parts():
            yield b"head"
            break_the_standby()
            yield b"rest"

        with standby_at_hand():
            stream = stream_from_standby(parts())
            assert next(stream) == b"head"
            with pytest.raises(StandbyLost):
                next(stream)
        assert server_read() == "primary"


class TestLag:
    """How `_as_of` reads a standby's answers: (has all that was written, last commit)."""

    ASKED_AT = clock.now()
    LONG_AGO = ASKED_AT - timedelta(hours=1)

    def as_of(self, *answers):
        told = iter(answers)
        reached = mock.MagicMock()
        reached.cursor().__enter__().fetchone.side_effect = lambda: next(told, answers[-1])
        return standby._as_of(reached, "0/1", self.ASKED_AT)

    def test_a_standby_that_has_all_is_complete_until_now_however_old_its_last_commit_is(self):
        assert self.as_of((True, self.LONG_AGO)) == self.ASKED_AT

    def test_a_standby_is_given_a_moment_to_have_all(self):
        late = (False, self.LONG_AGO)
        assert self.as_of(late, late, late, (True, self.LONG_AGO)) == self.ASKED_AT

    def test_a_standby_that_stays_behind_is_as_of_its_last_commit(self):
        assert self.as_of((False, self.LONG_AGO)) == self.LONG_AGO
        assert self.as_of((None, None)) is None
