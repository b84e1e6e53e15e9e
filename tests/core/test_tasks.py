"""Tasks outlive a database that is away for a while."""

from unittest import mock

import pytest
from celery import current_app
from django.db import InterfaceError, OperationalError

from o2c.core.tasks import sweep_deliveries


@pytest.mark.parametrize("lost", [OperationalError, InterfaceError])
def test_a_task_that_lost_its_database_is_tried_again(lost):
    answers = [lost("server closed the connection"), lost("connection refused"), 3]

    with mock.patch("o2c.core.tasks.deliver_due", side_effect=answers):
        assert sweep_deliveries.apply().get() == 3


def test_a_bug_is_not_tried_again():
    with (
        mock.patch("o2c.core.tasks.deliver_due", side_effect=[ValueError("a bug"), 3]),
        pytest.raises(ValueError, match="a bug"),
    ):
        sweep_deliveries.apply().get()


def test_every_task_waits_for_its_database():
    current_app.loader.import_default_modules()
    ours = {name: task for name, task in current_app.tasks.items() if not name.startswith("celery")}

    assert len(ours) >= 5
    for name, task in ours.items():
        assert set(task.autoretry_for) == {OperationalError, InterfaceError}, name
        assert task.max_retries == 60, name
