"""What verify costs grows with the books, not with their square."""

from time import perf_counter

import pytest
from django.db import connection

from o2c.core.verify import run_all
from o2c.rehearsal.generate.multiply import multiply
from orders.models import Order
from reconciliation.models import BankStatement
from tests.given.invoicing import posted_invoice
from tests.given.reconciliation import imported, paid
from tests.whole_house import furnish

pytestmark = pytest.mark.django_db
ORDERS = 2_500
STATEMENTS = 20_000


def test_every_invariant_is_quick_on_thousands_of_orders(check_deferred):
    """A tenth of 25,000 orders in a tenth of 15 s, and half as much again for a busy machine.

    One that is quadratic looks at six million pairs here, which takes seconds by itself.
    """
    furnish()
    paid(posted_invoice((10, "4.00")))
    check_deferred()
    multiply(1 + ORDERS // Order.objects.count(), connections=1)
    assert Order.objects.count() >= ORDERS * 0.9

    findings = run_all()

    slow = {f.invariant.id: round(f.seconds, 2) for f in findings if f.seconds > 0.75}
    assert slow == {}
    assert sum(finding.seconds for finding in findings) < 2.25
    assert [f.invariant.id for f in findings if not f.holds] == []


def test_the_chain_of_one_account_is_walked_once():
    """74 of the 90 s that verify took on 25,000 orders went into this one."""
    statement = imported()
    columns = [
        f.column for f in BankStatement._meta.concrete_fields if not (f.primary_key or f.generated)
    ]
    changed = {
        "number": "left(number, 10) || n",
        "statement_id": "'T' || n",
        "opening": "closing",
        "line_count": "0",
        "content_digest": "'T' || n",
        "closing_date": "closing_date + n",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO reconciliation_bankstatement ({', '.join(columns)}) "
            f"SELECT {', '.join(changed.get(name, name) for name in columns)} "
            f"FROM reconciliation_bankstatement, generate_series(1, {STATEMENTS}) AS n "
            "WHERE id = %s ORDER BY n",
            [statement.pk],
        )
        cursor.execute("ANALYZE reconciliation_bankstatement")
    begun = perf_counter()

    [finding] = run_all(only=["H2"])

    assert perf_counter() - begun < 2
    assert finding.sentences() == []
