"""Every queue of the home leads to a list that shows exactly what was counted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from o2c.core import clock
from o2c.core.models import User
from o2c.desk.queues import QUEUES, waiting_for
from o2c.rights import RIGHTS
from tests.conftest import person
from tests.given.receivables import debt, payment
from tests.whole_house import furnish

pytestmark = pytest.mark.django_db


def differences(client, user) -> dict[str, tuple[int, int]]:
    """The queues whose list shows another number than the home."""
    client.force_login(user)
    found = {}
    for queue in waiting_for(user):
        listing = client.get(queue.url).context["listing"]
        if listing.count != queue.count:
            found[str(queue.label)] = (queue.count, listing.count)
    return found


def test_every_count_is_that_of_its_list(client):
    furnish()
    payment(customer=None)  # nobody knows from whom
    debt("80.00", due=clock.today() - timedelta(days=9))

    boss = User.objects.create_superuser("rita")

    assert differences(client, boss) == {}
    assert len(waiting_for(boss)) == len(QUEUES)


@pytest.mark.parametrize("role", sorted(RIGHTS))
def test_every_role_may_open_the_lists_of_its_queues(role):
    client, user = Client(), person(role)

    assert differences(client, user) == {}
    assert client.get(reverse("desk:home")).status_code == 200
