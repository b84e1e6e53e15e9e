"""What others may read of orders in SQL (ADR 37): statements to put in parentheses."""

from orders.models import OrderState

#: Every order line with its price: `unit_price` for `price_per` units, less `discount_percent`.
LINES = "SELECT id, order_id, unit_price, price_per, discount_percent FROM orders_orderline"

#: Lines of orders that are promised and not billed to the end. Of the `wanted` units, whose `net`
#: is in the order's currency, so many are `billable` now, are `granted` to the warehouse and have
#: not left, and are still `to_bill` in all.
OPEN_LINES = f"""
    SELECT o.id AS order_id, o.payer_id, o.currency, o.exchange_rate, o.untaxed_percent,
        l.tax_category, l.tax_percent, l.net, l.quantity - l.cancelled AS wanted,
        greatest(l.shipped - l.returned - l.invoiced + l.credited, 0) AS billable,
        CASE WHEN o.state IN ('{OrderState.RELEASED}', '{OrderState.IN_FULFILLMENT}',
            '{OrderState.SHIPPED}')
               OR (o.state = '{OrderState.ON_HOLD}' AND o.held_from IN ('{OrderState.RELEASED}',
                   '{OrderState.IN_FULFILLMENT}'))
             THEN greatest(l.quantity - l.cancelled - l.shipped, 0) ELSE 0 END AS granted,
        greatest(greatest(l.quantity - l.cancelled, l.shipped) - l.returned - l.invoiced
                 + l.credited, 0) AS to_bill
    FROM orders_order AS o JOIN orders_orderline AS l ON l.order_id = o.id
    WHERE l.quantity > l.cancelled
      AND o.state IN ('{OrderState.CONFIRMED}', '{OrderState.ON_HOLD}', '{OrderState.RELEASED}',
          '{OrderState.IN_FULFILLMENT}', '{OrderState.SHIPPED}')
"""
