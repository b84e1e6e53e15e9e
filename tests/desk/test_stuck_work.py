"""What was refused or given up waits on a page, with its answer, until somebody tries again."""

import pytest
from django.urls import reverse

from o2c.core import clock, deliveries, events
from o2c.core.actors import SYSTEM
from o2c.core.commands import command, lock
from o2c.core.deliveries import BACK_OFF, deliver_due
from o2c.core.errors import TransitionRefused
from o2c.core.models import Delivery, DeliveryState
from o2c.core.transitions import transition
from tests.conftest import person, signed_in
from tests.core.test_kernel import send, wrap
from tests.reading import text
from tests.sample.models import Parcel
from tests.web_budget import assert_list_budget

pytestmark = pytest.mark.django_db

LIST = reverse("desk:stuck_work")
OPEN_GATE: list[bool] = []


@command
def pass_gate(parcel_id: int, *, actor) -> None:
    """Refuses until somebody has opened the gate; then the parcel is lost, once."""
    if not OPEN_GATE:
        raise TransitionRefused("The gate is shut.")
    transition(lock(Parcel, parcel_id), "lose", actor=actor)


@command
def stumble(parcel_id: int, *, actor) -> None:
    raise ZeroDivisionError("a bug")


@pytest.fixture(autouse=True)
def flow(monkeypatch):
    monkeypatch.setattr(events, "_after", {})
    monkeypatch.setattr(events, "_before_commit", {})
    OPEN_GATE.clear()


def parked() -> Delivery:
    """A follower that said no."""
    events.when("parcel.sent", pass_gate)
    send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)
    return Delivery.objects.get()


def page_of(delivery: Delivery) -> str:
    return reverse("desk:stuck_work_detail", args=[delivery.pk])


def retry_of(delivery: Delivery) -> str:
    return reverse("desk:stuck_work_act", args=[delivery.pk, "retry"])


def test_a_refusal_is_listed_with_its_sentence(ada):
    delivery = parked()

    assert "The gate is shut." in text(ada.get(LIST))
    page = text(ada.get(page_of(delivery)))
    assert "The gate is shut." in page
    assert "Parcel: sent" in page
    assert Parcel.objects.get().number in page
    assert "Pass gate" in page


def test_a_bug_is_listed_when_it_was_given_up_and_not_before(ada):
    deliveries.raise_handler_bugs.set(False)
    events.when("parcel.sent", stumble)
    send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)
    assert "a bug" not in text(ada.get(LIST))

    for _ in BACK_OFF:
        Delivery.objects.update(next_attempt_at=clock.wall())
        deliver_due()

    assert "ZeroDivisionError: a bug" in text(ada.get(LIST))


def test_trying_again_does_the_work_once_the_cause_is_gone(ada):
    delivery = parked()
    OPEN_GATE.append(True)

    answer = ada.post(retry_of(delivery), follow=True)

    assert answer.redirect_chain == [(LIST, 303)]
    assert "Pass gate: it worked" in text(answer)
    assert Parcel.objects.get().state == "lost"
    assert Delivery.objects.get().state == DeliveryState.DONE
    assert "The gate is shut." not in text(ada.get(LIST))


def test_a_second_click_finds_nothing_to_do(ada):
    delivery = parked()
    OPEN_GATE.append(True)
    ada.post(retry_of(delivery))

    late = ada.post(retry_of(delivery))
    assert late.status_code == 409
    assert "Somebody has dealt with it already." in text(late)
    assert ada.get(retry_of(delivery)).status_code == 409
    assert Parcel.objects.get().version == 3  # wrapped, sent, lost


def test_a_second_refusal_stays_on_the_page(ada):
    delivery = parked()

    answer = ada.post(retry_of(delivery), follow=True)

    assert answer.status_code == 422
    assert "It was refused again. The gate is shut." in text(answer)
    assert Delivery.objects.get().state == DeliveryState.PARKED


def test_looking_changes_nothing(ada):
    delivery = parked()
    OPEN_GATE.append(True)

    assert ada.get(retry_of(delivery)).status_code == 200
    assert Delivery.objects.get().state == DeliveryState.PARKED


@pytest.mark.parametrize("role", ["sales clerk", "controller", "auditor"])
def test_it_is_the_administrators_page(role):
    delivery, browser = parked(), signed_in(person(role))

    assert browser.get(LIST).status_code == 403
    assert browser.get(page_of(delivery)).status_code == 403
    assert browser.post(retry_of(delivery)).status_code == 403


def test_the_list_keeps_its_budget(ada):
    delivery = parked()

    def more(count):
        Delivery.objects.bulk_create(
            Delivery(
                event=delivery.event,
                handler=f"handler.{Delivery.objects.count() + nr}",
                state=DeliveryState.DEAD,
                failure="no",
            )
            for nr in range(count)
        )

    assert_list_budget(ada, LIST, more)
