"""Events that cannot be changed, deliveries paid once, files that come back as they went."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from o2c.core import clock, deliveries
from o2c.core.actors import SYSTEM
from o2c.core.attachments import MAX_BYTES, attachments_of, lost_files, read_file, store_file
from o2c.core.commands import command, lock
from o2c.core.deliveries import BACK_OFF, deliver, deliver_due, retry
from o2c.core.errors import Busy, RuleViolation, TransitionRefused
from o2c.core.events import UnknownEvent, when
from o2c.core.models import Delivery, DeliveryState
from o2c.core.transitions import transition
from tests.core.test_kernel import send, wrap
from tests.sample.models import Parcel

pytestmark = pytest.mark.django_db


class TestEvents:
    @pytest.mark.parametrize("sql", ["UPDATE core_event SET actor = 'x'", "DELETE FROM core_event"])
    def test_an_event_cannot_be_changed(self, sql):
        wrap("Rome", "5", actor=SYSTEM)

        with (
            pytest.raises(DatabaseError, match="pgtrigger"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)

    def test_events_cannot_be_truncated(self):
        with (
            pytest.raises(DatabaseError, match="truncate"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("TRUNCATE core_event CASCADE")

    def test_a_misspelt_event_fails_when_it_is_wired(self):
        with pytest.raises(UnknownEvent):
            when("parcel.sennt", send)


LOG: list[int] = []


@command
def note_sent(parcel_id: int, *, actor) -> None:
    LOG.append(parcel_id)


GIVEN_UP: list[str] = []


@command
def note_given_up(parcel_id: int, *, failure: str, actor) -> None:
    LOG.append(parcel_id)
    GIVEN_UP.append(failure)


@command
def refuse(parcel_id: int, *, actor) -> None:
    raise TransitionRefused("Not today.")


@command
def meet_a_lock(parcel_id: int, *, actor) -> None:
    raise Busy


@command
def lose(parcel_id: int, *, actor) -> None:
    parcel = lock(Parcel, parcel_id)
    if parcel.state != "lost":
        transition(parcel, "lose", actor=actor)
    raise ZeroDivisionError


class TestDeliveries:
    @pytest.fixture
    def flow(self, monkeypatch):
        from o2c.core import events

        monkeypatch.setattr(events, "_after", {})
        monkeypatch.setattr(events, "_before_commit", {})
        LOG.clear()
        GIVEN_UP.clear()
        return events

    def test_a_fast_handler_runs_right_after_the_commit(self, flow):
        when("parcel.sent", note_sent)

        parcel = send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

        assert [parcel.pk] == LOG
        assert Delivery.objects.get().state == DeliveryState.DONE

    def test_a_delivery_is_paid_once(self, flow):
        when("parcel.sent", note_sent)
        send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

        assert deliver(Delivery.objects.get().pk, slow=False) is False
        assert len(LOG) == 1

    def test_a_refusal_parks_the_delivery_with_its_sentence(self, flow):
        when("parcel.sent", refuse)

        send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

        stuck = Delivery.objects.get()
        assert (stuck.state, stuck.failure) == (DeliveryState.PARKED, "Not today.")
        assert retry(stuck.pk) is False

    def test_a_lock_that_somebody_else_holds_needs_no_person(self, flow):
        when("parcel.sent", meet_a_lock)

        send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

        owed = Delivery.objects.get()
        assert (owed.state, owed.attempts) == (DeliveryState.OWED, 1)
        assert "Somebody else is changing this" in owed.failure

    def test_a_bug_rolls_back_and_is_put_off(self, flow):
        deliveries.raise_handler_bugs.set(False)
        when("parcel.sent", lose)

        parcel = send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

        owed = Delivery.objects.get()
        parcel.refresh_from_db()
        assert parcel.state == "sent"
        assert (owed.state, owed.attempts) == (DeliveryState.OWED, 1)
        assert owed.next_attempt_at > clock.wall()
        assert "ZeroDivisionError" in owed.failure

    def test_a_bug_is_given_up_after_the_last_attempt(self, flow):
        deliveries.raise_handler_bugs.set(False)
        when("parcel.sent", lose)
        send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

        for _ in range(8):
            Delivery.objects.update(next_attempt_at=clock.wall())
            deliver_due()

        assert Delivery.objects.get().state == DeliveryState.DEAD

    @pytest.mark.parametrize("slow", [False, True])
    def test_who_takes_over_at_last_leaves_no_stuck_work(self, flow, slow):
        deliveries.raise_handler_bugs.set(False)
        when("parcel.sent", lose, slow=slow, at_last=note_given_up)
        send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

        for _ in range(8):
            Delivery.objects.filter(state=DeliveryState.OWED).update(next_attempt_at=clock.wall())
            deliver_due()

        owed = Delivery.objects.get()
        assert (owed.state, owed.attempts) == (DeliveryState.DONE, len(BACK_OFF) + 1)
        assert [Parcel.objects.get().pk] == LOG
        assert [owed.failure] == GIVEN_UP
        assert "ZeroDivisionError" in owed.failure

    def test_a_handler_that_kills_its_worker_is_given_up_too(self, flow, monkeypatch):
        when("parcel.sent", note_sent, slow=True)
        send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

        def die(path):
            raise SystemExit  # what a killed process leaves behind: a lease and nothing else

        monkeypatch.setattr(deliveries, "import_string", die)
        for _ in range(len(BACK_OFF) + 1):
            Delivery.objects.update(next_attempt_at=clock.wall())
            with pytest.raises(SystemExit):
                deliver_due()
        monkeypatch.undo()
        Delivery.objects.update(next_attempt_at=clock.wall())
        deliver_due()

        stuck = Delivery.objects.get()
        assert (stuck.state, stuck.attempts) == (DeliveryState.DEAD, len(BACK_OFF) + 1)
        assert "died" in stuck.failure
        assert LOG == []
        assert retry(stuck.pk) is True
        assert len(LOG) == 1

    def test_every_attempt_waits_longer(self, flow):
        deliveries.raise_handler_bugs.set(False)
        when("parcel.sent", lose)
        send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)
        waits = []

        for _ in BACK_OFF:
            waits.append(Delivery.objects.get().next_attempt_at - clock.wall())
            assert deliver_due() == 0  # nobody tries before its time
            Delivery.objects.update(next_attempt_at=clock.wall())
            deliver_due()

        assert [round(wait.total_seconds() / 60) for wait in waits] == [1, 5, 30, 120, 720]

    def test_a_slow_handler_waits_for_the_worker(self, flow):
        when("parcel.sent", note_sent, slow=True)

        send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)
        assert LOG == []

        assert deliver_due() == 1
        assert len(LOG) == 1

    def test_a_companion_commits_or_falls_with_the_event(self, flow):
        flow.together("parcel.sent", refuse)
        parcel = wrap("Rome", "5", actor=SYSTEM)

        with pytest.raises(TransitionRefused, match="Not today"):
            send(parcel.pk, actor=SYSTEM)

        assert Parcel.objects.get().state == "draft"

    def test_a_transition_with_a_subscriber_costs_three_statements(self, flow, count_statements):
        when("parcel.sent", note_sent)
        parcel = wrap("Rome", "5", actor=SYSTEM)

        with count_statements() as count:
            send(parcel.pk, actor=SYSTEM)  # lock, all writes in one, claim

        assert int(count) == 3, str(count)


class TestAttachments:
    def test_bytes_come_back_as_they_went_in(self):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        @command
        def keep(*, actor):
            return store_file(
                parcel, b"hello", name="../a\r\n.txt", content_type="text/plain", purpose="upload",
                actor=actor,
            )  # fmt: skip

        stored = keep(actor=SYSTEM)

        assert read_file(stored) == b"hello"
        assert stored.name == "a.txt"

    @pytest.mark.parametrize("damaged", [b"tw", b"twicE"], ids=["cut short", "of equal size"])
    def test_the_same_bytes_lie_in_the_store_once_and_mend_a_broken_copy(self, damaged):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        @command
        def keep(*, actor):
            return store_file(
                parcel, b"twice", name="a.txt", content_type="text/plain", purpose="upload",
                actor=actor,
            )  # fmt: skip

        first = keep(actor=SYSTEM)
        path = Path(settings.CONTENT_STORE) / first.sha256[:2] / first.sha256
        assert path.stat().st_mode & 0o077 == 0  # ours alone
        path.chmod(0o600)
        path.write_bytes(damaged)
        assert lost_files() == [first.sha256]

        second = keep(actor=SYSTEM)

        assert (second.pk != first.pk, second.sha256) == (True, first.sha256)
        assert read_file(first) == b"twice"
        assert lost_files() == []

    @pytest.mark.parametrize("data", [b"", b"x" * (MAX_BYTES + 1)], ids=["empty", "too large"])
    def test_nothing_and_too_much_are_refused(self, data):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        @command
        def keep(*, actor):
            return store_file(
                parcel, data, name="a.txt", content_type="text/plain", purpose="upload",
                actor=actor,
            )  # fmt: skip

        with pytest.raises(RuleViolation, match=r"empty|larger than 25 MB"):
            keep(actor=SYSTEM)
        assert not attachments_of(parcel)


class TestGivenFacts:
    @pytest.fixture
    def flow(self, monkeypatch):
        from o2c.core import events

        monkeypatch.setattr(events, "_after", {})
        LOG.clear()
        GIVEN_UP.clear()

    def test_a_subscriber_is_told_only_when_the_fact_is_true(self, flow):
        when("parcel.sent", note_sent, given="insured")
        one, other = (wrap("Rome", "5", actor=SYSTEM).pk for _ in range(2))

        @command
        def send_insured(parcel_id, *, insured, actor):
            return transition(lock(Parcel, parcel_id), "send", actor=actor, insured=insured)

        send_insured(one, insured=False, actor=SYSTEM)
        send_insured(other, insured=True, actor=SYSTEM)

        assert [other] == LOG
        assert Delivery.objects.count() == 1
