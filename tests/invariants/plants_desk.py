"""How what holds between the stages could be broken."""

from decimal import Decimal

from django.contrib.auth.models import Group, Permission

from o2c.core.actors import SYSTEM
from o2c.ledger.commands import Posting, post_entry
from tests.conftest import person
from tests.given.ledger import DAY, chart
from tests.given.logistics import dispatched_shipment
from tests.given.stock import stock
from tests.invariants.planted import plant, sql


@plant("E8c")
def goods_that_left_without_a_posting():
    dispatched_shipment()
    yield
    sql("DELETE FROM ledger_entry WHERE source_type = 'shipping.shipment'")


@plant("E8c")
def a_move_at_another_value_than_was_booked():
    stock(quantity=5)
    yield
    sql("UPDATE stock_move SET value = value + 1")


@plant("E8c")
def a_journal_that_revalues_the_shelf():
    chart()
    yield
    euros = [
        Posting("INVENTORY", Decimal(5), "EUR", Decimal(5)),
        Posting("GOODS_RECEIVED", Decimal(-5), "EUR", Decimal(-5)),
    ]
    post_entry(("masters.company", 1), "revalue", DAY, euros, actor=SYSTEM)


@plant("I6")
def somebody_with_two_roles():
    user = person("cash clerk")
    yield
    user.groups.add(Group.objects.get(name="controller"))


@plant("I6")
def a_right_given_by_the_way():
    user = person("sales clerk")
    yield
    post = Permission.objects.get(codename="post_invoice", content_type__app_label="invoicing")
    user.user_permissions.add(post)
