"""What holds between stages and books, seen from the roof. Checked by `manage.py verify`."""

from django.utils.translation import gettext_lazy as _

from o2c.core.verify import Invariant
from o2c.rights import FORBIDDEN_PAIRS

#: By document: what it moved of the stock's value, and what it posted to the inventory account.
#: When every document agrees, so do the balances, as of any moment.
_STOCK_VALUE = """
    WITH goods AS (
        SELECT source_type, source_id, sum(value) AS value
        FROM stock_move GROUP BY source_type, source_id
    ), money AS (
        SELECT e.source_type, e.source_id, sum(l.base_amount) AS amount
        FROM ledger_line AS l
        JOIN ledger_account AS a ON a.id = l.account_id AND a.role = 'INVENTORY'
        JOIN ledger_entry AS e ON e.id = l.entry_id
        GROUP BY e.source_type, e.source_id
    )
    SELECT coalesce(goods.source_type, money.source_type) AS document,
        coalesce(goods.source_id, money.source_id) AS id, goods.value AS moved,
        money.amount AS booked
    FROM goods FULL JOIN money
        ON money.source_type = goods.source_type AND money.source_id = goods.source_id
    WHERE coalesce(goods.value, 0) <> coalesce(money.amount, 0)
"""


def _two_duties() -> str:
    """Active people who hold, by groups or of their own, both rights of a forbidden pair.

    Superusers have every right without holding one; they are for emergencies and not counted.
    """
    pairs = ", ".join(f"('{one}', '{other}')" for one, other in FORBIDDEN_PAIRS)
    return f"""
        WITH held AS (
            SELECT m.user_id, g.permission_id FROM core_user_groups AS m
            JOIN auth_group_permissions AS g ON g.group_id = m.group_id
            UNION
            SELECT user_id, permission_id FROM core_user_user_permissions
        ), rights AS (
            SELECT u.id, u.username, c.app_label || '.' || p.codename AS name
            FROM held JOIN core_user AS u ON u.id = held.user_id AND u.is_active
            JOIN auth_permission AS p ON p.id = held.permission_id
            JOIN django_content_type AS c ON c.id = p.content_type_id
        )
        SELECT a.id AS "user", a.username, pair.one, pair.other
        FROM (VALUES {pairs}) AS pair(one, other)
        JOIN rights AS a ON a.name = pair.one
        JOIN rights AS b ON b.name = pair.other AND b.id = a.id
    """


INVARIANTS = [
    Invariant(
        "E8c", _("What lies in stock is worth what the inventory account says"), _STOCK_VALUE
    ),
    Invariant("I6", _("Nobody holds two duties that must not meet in one person"), _two_duties),
]
