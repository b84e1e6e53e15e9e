import pytest

from fulfillment.commands import start_pick
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import User
from orders import commands as orders
from tests.given.logistics import planned_list

pytestmark = pytest.mark.django_db


class TestStarting:
    def test_the_list_is_the_pickers_alone(self):
        ana, ben = make_picker("ana"), make_picker("ben")
        pick_list = planned_list()

        start_pick(pick_list.pk, actor=ana)

        pick_list.refresh_from_db()
        assert (pick_list.state, pick_list.picker) == ("picking", "ana")
        with pytest.raises(RuleViolation, match="is being picked by ana"):
            start_pick(pick_list.pk, actor=ben)

    def test_an_order_on_hold_is_not_picked_and_the_reason_is_told(self):
        pick_list = planned_list()
        orders.hold_order(pick_list.order_id, reason="address unclear", actor=SYSTEM)

        with pytest.raises(RuleViolation, match="address unclear"):
            start_pick(pick_list.pk, actor=SYSTEM)

    def test_starting_takes_three_statements(self, count_statements):
        pick_list = planned_list()

        with count_statements() as count:
            start_pick(pick_list.pk, actor=SYSTEM)

        assert int(count) <= 3, str(count)


def make_picker(name):
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType

    user = User.objects.create_user(name)
    content_type, _ = ContentType.objects.get_or_create(app_label="fulfillment", model="right")
    for verb in ("start", "confirm"):
        permission, _ = Permission.objects.get_or_create(
            codename=f"{verb}_pick_list", content_type=content_type, defaults={"name": verb}
        )
        user.user_permissions.add(permission)
    return user
