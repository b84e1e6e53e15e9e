import pytest

from fulfillment.commands import unpack
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.models import Balance
from tests.given.logistics import packed_list
from tests.given.orders import lines_of

pytestmark = pytest.mark.django_db


def counters(pick_list):
    return [(line.reserved, line.picked) for line in lines_of(pick_list.order)]


class TestUnpacking:
    def test_opening_every_package_calls_the_list_off(self):
        pick_list = packed_list((10, 10))
        [package] = pick_list.packages.all()

        unpack(pick_list.order_id, pick_list.pk, [package.pk], reason="not wanted", actor=SYSTEM)

        pick_list.refresh_from_db()
        package.refresh_from_db()
        assert (pick_list.state, package.unpacked) == ("cancelled", True)
        assert counters(pick_list) == [(0, 0)]
        assert not Balance.objects.filter(reserved__gt=0).exists()

    def test_a_package_is_opened_once(self):
        pick_list = packed_list((10, 10))

        with pytest.raises(RuleViolation, match="open already"):
            unpack(pick_list.order_id, pick_list.pk, [99_999], reason="?", actor=SYSTEM)
