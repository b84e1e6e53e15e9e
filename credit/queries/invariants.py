"""What is always true of credit. Checked by `manage.py verify`."""

from django.utils.translation import gettext_lazy as _

from credit.models import CheckState
from o2c.core.verify import Invariant
from orders.models import OrderState

_RELEASED_UNCHECKED = f"""
    SELECT o.id AS order_id, o.state, o.gross, max(c.order_gross) AS granted
    FROM orders_order o
    LEFT JOIN credit_creditcheck c ON c.order_id = o.id AND c.state = '{CheckState.APPROVED}'
    WHERE o.state IN ('{OrderState.RELEASED}', '{OrderState.IN_FULFILLMENT}',
        '{OrderState.SHIPPED}', '{OrderState.INVOICED}', '{OrderState.PAID}',
            '{OrderState.RECONCILED}')
    GROUP BY o.id HAVING o.gross > coalesce(max(c.order_gross), -1)
"""

_OVERRIDE = """
    SELECT c.id AS credit_check, c.decided_by, o.created_by, c.reason
    FROM credit_creditcheck c JOIN orders_order o ON o.id = c.order_id
    WHERE c.overridden AND (btrim(c.reason) = '' OR c.decided_by IN (o.created_by, '')
        OR NOT EXISTS (
            SELECT 1 FROM core_event e WHERE e.document_type = 'credit.creditcheck'
            AND e.document_id = c.id AND e.name = 'check.approved' AND e.actor = c.decided_by))
"""

_OVER_LIMIT = f"""
    SELECT id AS credit_check, order_id, exposure, limit_amount
    FROM credit_creditcheck
    WHERE state = '{CheckState.APPROVED}' AND NOT overridden
    AND (jsonb_array_length(rules) > 0 OR exposure > limit_amount)
"""

_WATERFALL = """
    SELECT c.id AS credit_check, c.exposure, p.amount AS of_parts
    FROM credit_creditcheck c CROSS JOIN LATERAL (
        SELECT coalesce(sum((part->>'amount')::numeric), 0) AS amount
        FROM jsonb_array_elements(c.waterfall) AS part WHERE (part->>'counts')::boolean
    ) p
    WHERE c.exposure <> p.amount
"""

_HELD_WITHOUT_QUESTION = f"""
    SELECT o.id AS order_id, o.hold_reason FROM orders_order o
    WHERE o.state = '{OrderState.ON_HOLD}' AND o.hold_kind = 'credit' AND NOT EXISTS (
        SELECT 1 FROM credit_creditcheck c
        WHERE c.order_id = o.id AND c.state IN ('{CheckState.HELD}', '{CheckState.REJECTED}'))
"""

INVARIANTS = [
    Invariant(
        "A1", _("A released order has a credit decision for its whole amount"), _RELEASED_UNCHECKED
    ),
    Invariant("A2", _("Overrides are another person's, with a reason, on record"), _OVERRIDE),
    Invariant("A3", _("Nothing passed beyond a limit without a person"), _OVER_LIMIT),
    Invariant("A3b", _("The parts of a waterfall make its exposure"), _WATERFALL),
    Invariant("A3c", _("An order on credit hold waits for somebody"), _HELD_WITHOUT_QUESTION),
]
