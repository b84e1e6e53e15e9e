"""The door, the command, the locks, the events: what everything else stands on."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from o2c.core.actors import SYSTEM
from o2c.core.bulk import add_to_counters, update_rows
from o2c.core.commands import command, lock, lock_all, lock_where
from o2c.core.errors import IdempotencyConflict, NotPermitted, TransitionRefused
from o2c.core.models import Event
from o2c.core.numbering import draw_number
from o2c.core.transitions import (
    StaleVersion,
    begin,
    blocking_reasons,
    check_version,
    open_steps,
    save_document,
    transition,
)
from o2c.core.work import LockOrderBroken, OutsideCommand, current_work
from tests.sample.models import Parcel, Piece

pytestmark = pytest.mark.django_db


@command
def wrap(address: str, value: str, *, actor) -> Parcel:
    return begin(Parcel(address=address, value=Decimal(value)), actor=actor, event="wrapped")


@command
def send(parcel_id: int, *, actor) -> Parcel:
    return transition(lock(Parcel, parcel_id), "send", actor=actor, by="van")


@command
def inside(work, *, actor):
    return work()


class TestTheDoor:
    def test_a_birth_draws_a_number_and_records_an_event_and_history(self, clerk):
        parcel = wrap("Rome", "5", actor=clerk)

        event = Event.objects.get()
        assert parcel.number == f"PA-{parcel.pk:06d}"
        assert (event.name, event.actor, event.new_state) == ("parcel.wrapped", "clara", "draft")
        assert parcel.history.get().history_user_id == "clara"

    def test_a_transition_saves_and_records_one_event_with_facts(self):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        send(parcel.pk, actor=SYSTEM)

        event = Event.objects.get(name="parcel.sent")
        parcel.refresh_from_db()
        assert (event.old_state, event.new_state, event.facts) == ("draft", "sent", {"by": "van"})
        assert (parcel.state, parcel.version) == ("sent", 2)

    def test_every_failing_condition_is_named(self):
        parcel = wrap("", "0", actor=SYSTEM)

        with pytest.raises(TransitionRefused) as refusal:
            send(parcel.pk, actor=SYSTEM)

        assert refusal.value.reasons == ["The parcel has no address.", "The parcel is empty."]
        assert Event.objects.count() == 1

    def test_a_wrong_state_is_refused_by_name(self):
        parcel = wrap("Rome", "5", actor=SYSTEM)
        send(parcel.pk, actor=SYSTEM)

        with pytest.raises(TransitionRefused, match="It is Sent"):
            send(parcel.pk, actor=SYSTEM)

    def test_a_missing_right_is_refused_and_nothing_changes(self, clerk):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        with pytest.raises(NotPermitted, match=r"sample\.send_parcel"):
            send(parcel.pk, actor=clerk)

        assert Parcel.objects.get().state == "draft"

    def test_the_state_cannot_be_assigned(self):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        with pytest.raises(AttributeError):
            parcel.state = "sent"

    def test_a_failing_reread_leaves_the_protection_in_place(self):
        parcel = Parcel(pk=999_999)

        with pytest.raises(Parcel.DoesNotExist):
            parcel.refresh_from_db()
        with pytest.raises(AttributeError):
            parcel.state = "sent"

    def test_an_amendment_keeps_the_state_and_writes_history_with_its_reason(self, clerk):
        parcel = wrap("Rome", "5", actor=clerk)

        @command
        def readdress(*, actor):
            locked = lock(Parcel, parcel.pk)
            locked.address = "Paris"
            return save_document(locked, actor=actor, reason="moved house")

        readdress(actor=clerk)

        last = parcel.history.first()
        assert (last.address, last.history_change_reason) == ("Paris", "moved house")
        assert Event.objects.filter(name="parcel.amended").count() == 1

    def test_nothing_is_written_outside_a_command(self):
        with pytest.raises(OutsideCommand):
            begin(Parcel(), actor=SYSTEM, event="wrapped")

    def test_a_stale_form_is_refused(self):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        with pytest.raises(StaleVersion):
            check_version(parcel, 0)

    def test_a_user_sees_blocked_steps_with_reasons(self):
        parcel = wrap("", "5", actor=SYSTEM)

        steps = {step.verb: step for step in open_steps(parcel, SYSTEM)}

        assert list(steps) == ["send", "lose"]
        assert steps["send"].reasons == ["The parcel has no address."]
        assert not steps["lose"].is_blocked
        assert blocking_reasons(parcel, "lose") == []


class TestTheCommand:
    def test_a_refusal_rolls_everything_back(self):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        @command
        def send_then_fail(*, actor):
            send(parcel.pk, actor=actor)
            send(parcel.pk, actor=actor)

        with pytest.raises(TransitionRefused):
            send_then_fail(actor=SYSTEM)

        assert Parcel.objects.get().state == "draft"
        assert Event.objects.count() == 1
        assert current_work() is None

    def test_the_same_key_is_carried_out_once(self):
        first = wrap("Rome", "5", actor=SYSTEM, op_id="k1")
        second = wrap("Rome", "5", actor=SYSTEM, op_id="k1")

        assert first == second
        assert Parcel.objects.count() == 1

    def test_the_same_key_with_other_content_is_refused(self):
        wrap("Rome", "5", actor=SYSTEM, op_id="k1")

        with pytest.raises(IdempotencyConflict):
            wrap("Oslo", "5", actor=SYSTEM, op_id="k1")

    @pytest.mark.parametrize("other", [Parcel(address="Oslo"), Parcel(address="Rome", value=9)])
    def test_a_record_counts_with_all_it_holds(self, other):
        @command
        def keep(parcel, *, actor):
            return begin(parcel, actor=actor, event="wrapped")

        kept = keep(Parcel(address="Rome"), actor=SYSTEM, op_id="k1")

        assert keep(Parcel(address="Rome"), actor=SYSTEM, op_id="k1") == kept
        with pytest.raises(IdempotencyConflict):
            keep(other, actor=SYSTEM, op_id="k1")

    def test_a_failed_command_leaves_its_key_free(self):
        parcel = wrap("", "5", actor=SYSTEM)
        with pytest.raises(TransitionRefused):
            send(parcel.pk, actor=SYSTEM, op_id="k2")
        Parcel.objects.filter(pk=parcel.pk).update(address="Rome")

        assert send(parcel.pk, actor=SYSTEM, op_id="k2").state == "sent"


class TestLocks:
    def test_a_held_row_comes_back_as_the_same_object_without_a_statement(self, count_statements):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        def work():
            first = lock(Parcel, parcel.pk)
            with count_statements() as count:
                second = lock_all(Parcel, [parcel.pk])[parcel.pk]
            return first is second, int(count)

        assert inside(work, actor=SYSTEM) == (True, 0)

    def test_a_wrong_order_is_refused(self):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        def work():
            lock_where(Piece, parcel_id=parcel.pk)
            lock(Parcel, parcel.pk)

        with pytest.raises(LockOrderBroken):
            inside(work, actor=SYSTEM)

    def test_a_held_row_is_free_whatever_its_rank(self):
        parcel = wrap("Rome", "5", actor=SYSTEM)

        def work():
            lock(Parcel, parcel.pk)
            lock_where(Piece, parcel_id=parcel.pk)
            return lock(Parcel, parcel.pk)

        assert inside(work, actor=SYSTEM) == parcel

    def test_a_missing_row_is_named(self):
        with pytest.raises(Exception, match="Parcel 12345 does not exist"):
            send(12345, actor=SYSTEM)


class TestBulk:
    @pytest.fixture
    def pieces(self):
        parcel = wrap("Rome", "5", actor=SYSTEM)
        return [Piece.objects.create(parcel=parcel, quantity=n) for n in (1, 2, 3)]

    def test_counters_are_added_in_one_statement_and_returned(self, pieces, count_statements):
        deltas = {piece.pk: {"taken": Decimal("0.5")} for piece in pieces}

        with count_statements() as count:
            after = inside(lambda: add_to_counters(Piece, deltas), actor=SYSTEM)

        assert int(count) == 1
        assert after[pieces[0].pk] == {"taken": Decimal("0.500")}

    def test_the_check_refuses_an_impossible_counter(self, pieces):
        with pytest.raises(IntegrityError):
            inside(
                lambda: add_to_counters(Piece, {pieces[0].pk: {"taken": Decimal(2)}}), actor=SYSTEM
            )

    def test_rows_are_written_in_one_statement(self, pieces, count_statements):
        for piece in pieces:
            piece.quantity = Decimal(9)

        with count_statements() as count:
            inside(lambda: update_rows(pieces, ["quantity"]), actor=SYSTEM)

        assert int(count) == 1
        assert {p.quantity for p in Piece.objects.all()} == {Decimal("9.000")}

    def test_nan_does_not_enter_the_database(self, pieces):
        with (
            pytest.raises(Exception, match="o2c_quantity"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE sample_piece SET quantity = 'NaN'")


class TestNumbers:
    def test_numbers_follow_each_other(self):
        drawn = [
            inside(lambda: draw_number("invoice:2026", "INV-2026-"), actor=SYSTEM) for _ in range(3)
        ]

        assert drawn == ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]

    def test_a_rollback_gives_the_number_back(self):
        def fail():
            draw_number("x", "X-")
            raise TransitionRefused("no")

        with pytest.raises(TransitionRefused):
            inside(fail, actor=SYSTEM)

        assert inside(lambda: draw_number("x", "X-"), actor=SYSTEM) == "X-000001"

    def test_no_row_is_locked_after_a_number(self):
        def work():
            draw_number("x", "X-")
            lock_where(Parcel, address="Rome")

        with pytest.raises(LockOrderBroken):
            inside(work, actor=SYSTEM)
