"""What the product does by itself, and when: the calendar of Celery beat."""

import logging

import pytest
from celery import current_app
from django.conf import settings

from o2c.core import clock, queries
from o2c.core.actors import SYSTEM
from o2c.core.mail import queue_message
from o2c.core.models import MessageState
from o2c.core.tasks import deliver_event, sweep_deliveries, verify_books
from tests.core.test_kernel import wrap
from tests.core.test_verify import BROKEN
from tests.given.mail import delivery_of

pytestmark = pytest.mark.django_db


def calendar() -> dict[str, float]:
    return {e["task"]: e["schedule"] for e in settings.CELERY_BEAT_SCHEDULE.values()}


def test_every_task_of_the_calendar_exists():
    current_app.loader.import_default_modules()

    assert set(calendar()) <= set(current_app.tasks)


def test_every_task_is_in_the_calendar_or_rung_for():
    current_app.loader.import_default_modules()
    ours = {name for name in current_app.tasks if not name.startswith("celery.")}

    assert ours - set(calendar()) == {deliver_event.name}


def test_what_waits_is_looked_for_every_minute():
    assert calendar()[sweep_deliveries.name] == 60


def test_a_message_that_only_waits_leaves_by_the_calendar(mailoutbox):
    message = queue_message(
        wrap("Rome", "5", actor=SYSTEM),
        dedup_key="reminder 1",
        to=["rita@rome.example"],
        subject="A reminder",
        body="Dear Rita",
        at_most_once=True,
        actor=SYSTEM,
    )

    assert sweep_deliveries() == 1

    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert [mail.subject for mail in mailoutbox] == ["A reminder"]


def test_a_message_of_a_replayed_day_is_due_now(mailoutbox):
    parcel = wrap("Rome", "5", actor=SYSTEM)
    with clock.at(clock.now().replace(year=2020)):
        message = queue_message(
            parcel, dedup_key="x", to=["a@b.example"], subject="s", body="b", actor=SYSTEM
        )

    assert message.created_at.year == 2020
    assert delivery_of(message).next_attempt_at.year > 2020


def test_a_broken_invariant_is_an_error_in_the_morning(caplog, monkeypatch):
    assert verify_books() == 0
    monkeypatch.setattr(queries, "INVARIANTS", [BROKEN])

    with caplog.at_level(logging.ERROR):
        assert verify_books() == 1

    assert "Z1 is broken in 1 rows" in caplog.text
    assert "id=7 why=x" in caplog.text
