"""The counters of an order line: what no command lets happen the database refuses, too."""

import pytest
from django.db import IntegrityError, transaction

from orders.models import OrderLine
from tests.given.orders import lines_of, released_order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        {"picked": 6},
        {"shipped": 1},
        {"returned": 1},
        {"invoiced": 1},
        {"credited": 1},
        {"reserved": 6},
        {"cancelled": 6},
        {"quantity": 0},
    ],
)
def test_the_impossible_is_refused(change):
    line = lines_of(released_order(lines=[(5, "1")]))[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(pk=line.pk).update(**change)
