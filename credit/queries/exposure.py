"""How much credit a payer uses. The one place where exposure is computed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from credit.rules import Amounts, Exposure, effective_limit, expose
from credit.rules.exposure import RELEASED, SHIPPED, THIS_ORDER
from o2c.core import clock, prepared
from o2c.core.money import ZERO, round_amount
from o2c.ledger.models import Role
from o2c.ledger.queries.sql import LINES as LEDGER_LINES
from o2c.masters.queries import MasterMissing
from o2c.masters.queries.sql import COMPANY, CURRENCIES, CUSTOMERS, rate_on
from orders.queries.sql import OPEN_LINES

# Each (order, tax group) is rounded like the totals of a document, so that an order nothing of
# which has shipped counts with its gross total to the cent.
_PICTURE = f"""
WITH parts AS (
    SELECT order_id, currency, exchange_rate, untaxed_percent, tax_percent,
        CASE WHEN order_id = %(order)s THEN 'this_order' ELSE kind END AS part,
        sum(net * quantity / wanted) AS net
    FROM ({OPEN_LINES}) AS l CROSS JOIN LATERAL (VALUES
        ('shipped_not_invoiced', billable), ('released_not_shipped', granted),
        ('this_order', to_bill)) AS v(kind, quantity)
    WHERE payer_id = %(payer)s AND quantity > 0
      AND (order_id = %(order)s) = (kind = 'this_order')
    GROUP BY order_id, currency, exchange_rate, untaxed_percent, tax_category, tax_percent, kind
), account AS (
    SELECT c.id, coalesce(a.currency, c.currency) AS currency, a.id AS account_id
    FROM ({CUSTOMERS}) AS c LEFT JOIN credit_creditaccount a ON a.customer_id = c.id
    WHERE c.id = %(payer)s
)
SELECT 'account', a.currency, p.base_currency, NULL::numeric, CASE
        WHEN a.currency = p.base_currency THEN 1
        ELSE {rate_on("a.currency", "%(today)s")} END
FROM account a CROSS JOIN ({COMPANY}) AS p
UNION ALL
SELECT 'policy', '', '', p.credit_unapplied_counts::int, p.credit_new_customer_hold::int
FROM ({COMPANY}) AS p
UNION ALL
SELECT 'limit', l.kind, l.currency, l.amount, NULL
FROM credit_creditlimit l JOIN account a ON a.account_id = l.account_id
WHERE l.valid_from <= %(today)s AND (l.valid_to IS NULL OR l.valid_to >= %(today)s)
UNION ALL
SELECT 'ledger', role, currency, sum(amount), sum(base_amount)
FROM ({LEDGER_LINES}) AS l
WHERE customer_id = %(payer)s AND role IN ('{Role.AR}', '{Role.UNAPPLIED_CASH}')
GROUP BY role, currency
UNION ALL
SELECT 'order', p.part, p.currency, p.gross, p.gross * p.exchange_rate
FROM (
    SELECT p.part, p.currency, p.exchange_rate,
        sum(round(p.net, c.minor_units) + round(p.tax_percent / 100
            * (p.net - round(p.net * p.untaxed_percent / 100, c.minor_units)), c.minor_units))
            AS gross
    FROM parts p JOIN ({CURRENCIES}) AS c ON c.code = p.currency
    GROUP BY p.part, p.currency, p.exchange_rate
) p
"""


@dataclass(frozen=True)
class CreditPicture:
    """A payer's exposure and what it is measured by. Amounts in `currency`, the account's."""

    exposure: Exposure
    currency: str
    limits: dict[str, Decimal]
    hold_new_customers: bool

    @property
    def limit(self) -> Decimal | None:
        """The limit valid today, or None."""
        return effective_limit(self.limits)

    @property
    def available(self) -> Decimal | None:
        """What may still be bought; negative when the limit is exceeded. None without limit."""
        return None if self.limit is None else self.limit - self.exposure.total


def exposure(
    customer_id: int, *, order_id: int | None = None, on: date | None = None
) -> CreditPicture:
    """What a payer owes and will owe, as of now, with the limits valid on a day.

    Debt and unapplied cash come from the ledger, the rest from order lines: shipped and not
    billed, released and not shipped, and (with order_id) everything of that order that is not
    billed. Raises MasterMissing when a rate is missing.
    """
    rows = prepared.fetch(
        _PICTURE, {"payer": customer_id, "order": order_id or 0, "today": on or clock.today()}
    )
    facts = {row[0]: row for row in rows}
    if "account" not in facts:
        raise MasterMissing(_("The company or the customer is not set up yet."))
    _kind, currency, _base_currency, _none, rate = facts["account"]
    if rate is None:
        raise MasterMissing(
            _("There is no exchange rate for %(currency)s today.") % {"currency": currency}
        )

    def total(kind: str, name: str) -> Decimal:
        """The sum of a part: what is in the account's currency as it is, the rest by its rate."""
        found = [row for row in rows if row[:2] == (kind, name)]
        same = sum((amount for *_, code, amount, _base in found if code == currency), ZERO)
        other = sum((base for *_, code, _amount, base in found if code != currency), ZERO)
        return round_amount(same + other / rate, currency)

    amounts = Amounts(
        receivables=total("ledger", "AR"),
        shipped_not_invoiced=total("order", SHIPPED),
        released_not_shipped=total("order", RELEASED),
        this_order=total("order", THIS_ORDER),
        unapplied_cash=-total("ledger", "UNAPPLIED_CASH"),
    )
    *_policy, credits_count, hold_new = facts["policy"]
    return CreditPicture(
        exposure=expose(amounts, credits_count=bool(credits_count)),
        currency=currency,
        limits={
            name: round_amount(amount, currency)
            for kind, name, _currency, amount, _none in rows
            if kind == "limit"
        },
        hold_new_customers=bool(hold_new),
    )
