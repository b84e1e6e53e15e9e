"""What the order cycle asks of the database, exactly: one table, changed with what it counts.

The same cycle as `manage.py benchmark --only cycle`: five lines an order, ten orders a statement.
"""

from random import Random

import pytest

from o2c.rehearsal.benchmark.cycle import BATCH, trade
from o2c.rehearsal.benchmark.meter import Meter
from o2c.rehearsal.benchmark.world import world

pytestmark = pytest.mark.django_db(transaction=True)

#: Statements of each step for one batch, so of ten orders: `capture` is 7 statements an order.
STATEMENTS_OF_TEN = {
    "capture": 70,
    "submit": 20,
    "confirm, check credit, release, plan": 150,
    "pick": 60,
    "pack, plan shipment": 80,
    "dispatch, draft invoice": 170,
    "post invoice": 120,
    "import statement": 7,
    "match statement": 9,
    "apply matches, settle orders": 18,
}
TRANSACTIONS_OF_TEN = 73


def test_every_step_asks_exactly_its_statements():
    there, account, random = world(), world().bank_accounts[0], Random(1)
    trade(there, account, 1, random)  # fills the caches of content types, rates and plans
    meter = Meter()

    spent = meter.spend(lambda: trade(there, account, 1, random, meter.step))

    assert spent.times == BATCH
    assert dict(spent.steps) == STATEMENTS_OF_TEN
    assert spent.transactions == TRANSACTIONS_OF_TEN
