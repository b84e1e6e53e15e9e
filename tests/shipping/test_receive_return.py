from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import User
from o2c.ledger.models import Entry
from o2c.ledger.queries import balance as ledger_balance
from o2c.stock.models import Balance, Move
from orders.models import OrderLine
from shipping.commands import (
    Inspected,
    dispatch_shipment,
    receive_return,
)
from tests.given.logistics import (
    announce,
    announced_return,
    dispatched_shipment,
    goods,
    ready_to_ship,
    shipment_lines,
)
from tests.given.orders import released_order
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


class TestReceiving:
    def test_the_goods_are_back_on_stock_where_they_came_from(self):
        coming = announced_return(4, (10, 30))

        receive_return(coming.pk, actor=SYSTEM)

        coming.refresh_from_db()
        [line] = coming.lines.all()
        [move] = Move.objects.filter(source_type="shipping.return", source_id=coming.pk)
        balance = Balance.objects.get(item=line.shipment_line.item)
        assert (coming.state, line.received, line.disposition) == ("received", 4, "restock")
        assert (balance.on_hand, balance.location) == (24, line.location)
        assert (move.quantity, move.line_id) == (4, line.pk)

    def test_a_report_that_names_nothing_receives_nothing(self):
        coming = announced_return(4)

        with pytest.raises(RuleViolation, match="Nothing has arrived"):
            receive_return(coming.pk, quantities={}, actor=SYSTEM)

    def test_the_order_shows_it(self):
        coming = announced_return(4)

        receive_return(coming.pk, actor=SYSTEM)

        line = OrderLine.objects.get(order=coming.order)
        assert (line.shipped, line.returned) == (10, 4)
        shipped = coming.lines.get().shipment_line
        assert (shipped.announced, shipped.returned) == (0, 4)

    def test_the_value_goes_back_to_inventory(self):
        coming = announced_return(4)

        receive_return(coming.pk, actor=SYSTEM)

        assert ledger_balance("SHIPPED_NOT_INVOICED") == Decimal("36.00")
        entry = Entry.objects.get(source_type="shipping.return")
        assert {x.account.role: x.base_amount for x in entry.lines.select_related("account")} == {
            "INVENTORY": Decimal("24.00"),
            "SHIPPED_NOT_INVOICED": Decimal("-24.00"),
        }

    def test_scrap_is_not_on_stock_and_costs_us(self):
        coming = announced_return(4, (10, 30))

        receive_return(coming.pk, disposition="scrap", actor=SYSTEM)

        assert Balance.objects.get(on_hand__gt=0).on_hand == 20
        assert ledger_balance("STOCK_ADJUSTMENT") == Decimal("24.00")

    def test_lines_are_inspected_one_by_one(self):
        shipment = dispatched_shipment((10, 10), (3, 3))
        coming = announce(shipment, 4, 3)
        first, second = coming.lines.order_by("pk")
        quarantine = shipment.warehouse.locations.get(kind="quarantine")

        receive_return(
            coming.pk,
            inspected={
                first.pk: Inspected(Decimal(3), "restock", quarantine.pk),
                second.pk: Inspected(Decimal(3), "scrap"),
            },
            actor=SYSTEM,
        )

        assert Balance.objects.get(location=quarantine).on_hand == 3
        first.refresh_from_db()
        assert (first.received, first.quantity) == (3, 4)
        assert [line.returnable for line in shipment_lines(shipment)] == [7, 0]

    def test_three_thirds_of_an_odd_cost_add_up(self):
        item = goods(0)
        stock(item, 3, unit_cost=Decimal("3.333333"))
        shipment = ready_to_ship(released_order(lines=[(item, 3)]))
        dispatch_shipment(shipment.pk, actor=SYSTEM)

        for _ in range(3):
            receive_return(announce(shipment, 1).pk, actor=SYSTEM)

        assert ledger_balance("SHIPPED_NOT_INVOICED") == 0
        assert Balance.objects.get(item=item).value == Decimal("10.00")

    @pytest.mark.parametrize(
        ("quantity", "sentence"),
        [("5", "5 received, 4 were announced"), ("-1", "not negative"), ("0", "Nothing has arr")],
    )
    def test_impossible_quantities_are_refused(self, quantity, sentence):
        coming = announced_return(4)

        with pytest.raises(RuleViolation, match=sentence):
            receive_return(
                coming.pk, quantities={coming.lines.get().pk: Decimal(quantity)}, actor=SYSTEM
            )

    def test_unknown_dispositions_and_places_are_refused(self):
        coming = announced_return(4)

        with pytest.raises(RuleViolation, match="back to stock, or scrap"):
            receive_return(coming.pk, disposition="eat", actor=SYSTEM)
        with pytest.raises(RuleViolation, match="no such location"):
            receive_return(coming.pk, location_id=99_999, actor=SYSTEM)

    def test_it_is_received_once(self):
        coming = announced_return(4)
        receive_return(coming.pk, actor=SYSTEM)

        with pytest.raises(TransitionRefused):
            receive_return(coming.pk, actor=SYSTEM)

    def test_who_lacks_the_right_may_not_receive(self):
        with pytest.raises(NotPermitted):
            receive_return(announced_return().pk, actor=User.objects.create_user("nobody"))

    def test_statements_do_not_grow_with_the_number_of_lines(self, count_statements):
        counts = []
        for lines in (1, 12):
            shipment = dispatched_shipment(*[(2, 5)] * lines)
            coming = announce(shipment, *[1] * lines)
            with count_statements() as count:
                receive_return(coming.pk, actor=SYSTEM)
            counts.append(int(count))

        assert counts[0] == counts[1] <= 18, counts
