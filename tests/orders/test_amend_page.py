from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from orders.commands import LineDraft
from tests.factories.orders import priced_item
from tests.given.orders import confirmed_order, lines_of, released_order

pytestmark = pytest.mark.django_db


def typed(*lines, then="draft", **head):
    """What a browser sends: the head and one row per line (item, quantity, more)."""
    data = {
        "customer": "acme",
        "then": then,
        "op_id": "op-1",
        "lines-TOTAL_FORMS": str(len(lines)),
        "lines-INITIAL_FORMS": head.pop("initial", "0"),
        **head,
    }
    for row, (item, quantity, *more) in enumerate(lines):
        data |= {f"lines-{row}-item": item, f"lines-{row}-quantity": quantity}
        data |= {f"lines-{row}-{name}": value for name, value in (more[0] if more else {}).items()}
    return data


class TestAmending:
    def amended(self, clara, order, *rows, **head):
        data = typed(*rows, reason="by phone", version=str(order.version), **head)
        return clara.post(f"/orders/{order.pk}/amend/", data)

    def test_a_promised_order_is_changed_line_by_line(self, clara, customer):
        order = confirmed_order(customer=customer, lines=[(3, "10")])
        line = lines_of(order)[0]

        response = self.amended(
            clara,
            order,
            (line.item.code, "2", {"line_id": str(line.pk), "unit_price": "10"}),
            ("NUT", "4"),
            initial="1",
        )

        assert response.status_code == 303
        assert [line.quantity for line in lines_of(order)] == [2, 4]
        assert lines_of(order)[0].unit_price == 10

    @pytest.mark.parametrize(("typed_in", "left"), [("", 0), ("5", 5), ("10", 10)])
    def test_a_discount_that_is_cleared_is_taken_away(self, clara, customer, typed_in, left):
        item = priced_item(customer, "10.00")
        draft = LineDraft(item.code, Decimal(3), discount_percent=Decimal(10))
        order = confirmed_order(customer=customer, lines=[draft])
        line = lines_of(order)[0]
        row = {"line_id": str(line.pk), "unit_price": "10", "discount_percent": typed_in}

        response = self.amended(
            clara, order, (line.item.code, "3", {**row, "price_reason": "agreed"}), initial="1"
        )

        assert response.status_code == 303
        line.refresh_from_db()
        assert (line.discount_percent, line.net) == (left, 30 - 3 * left / Decimal(10))

    def test_a_refusal_is_beside_its_row(self, clara, customer):
        order = released_order(customer=customer, lines=[(3, "10")])
        from orders.commands import record_picked

        line = lines_of(order)[0]
        order = record_picked(order.pk, {line.pk: line.quantity}, actor=SYSTEM)

        response = self.amended(
            clara,
            order,
            (line.item.code, "1", {"line_id": str(line.pk), "unit_price": "10"}),
            initial="1",
        )

        assert response.status_code == 422
        assert "are picked" in str(response.context["lines"].forms[0].errors["quantity"])

    def test_somebody_elses_line_is_refused(self, clara, customer):
        order = confirmed_order(customer=customer)
        other = lines_of(confirmed_order())[0]

        response = self.amended(clara, order, ("NUT", "1", {"line_id": str(other.pk)}), initial="1")

        assert response.status_code == 422
