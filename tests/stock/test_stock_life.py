"""Any walk through the goods book leaves it true: each promise is checked after each step."""

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.commands import (
    Adjustment,
    Counted,
    Demand,
    Held,
    Issue,
    Receipt,
    Transfer,
    adjust_stock,
    count_stock,
    issue,
    receive_goods,
    release,
    release_part,
    reserve,
    take_back,
    transfer_stock,
)
from o2c.stock.models import Balance
from tests.factories.masters import ItemFactory
from tests.given.stock import storage
from tests.proof import assert_books_agree

PROMISES = ["B1", "B1b", "B2", "B3", "B4", "B9", "B10"]
QUANTITIES = st.integers(1, 9).map(Decimal)
PLACES = st.integers(0, 1)
ITEMS = st.integers(0, 1)
SOURCES = st.integers(1, 3)


class StockWalk(RuleBasedStateMachine):
    """Two items, two places, three order lines; a plain dict is the oracle for what is held."""

    def __init__(self):
        super().__init__()
        self.items = [item.pk for item in ItemFactory.create_batch(2)]
        self.places = [storage(0), storage(1)]
        self.warehouse = self.places[0].warehouse_id
        self.held = {}

    def try_to(self, action, *arguments, **more):
        """A refusal is an answer, too; it must leave everything as it was."""
        before = self.figures()
        try:
            return action(*arguments, actor=SYSTEM, **more)
        except RuleViolation:
            assert self.figures() == before
            return None

    def figures(self):
        return list(Balance.objects.order_by("pk").values_list("pk", "on_hand", "reserved"))

    @rule(item=ITEMS, place=PLACES, quantity=QUANTITIES, cents=st.integers(0, 500))
    def receive(self, item, place, quantity, cents):
        cost = Decimal(cents) / 100
        line = Receipt(self.items[item], self.places[place].pk, quantity, cost)
        receive_goods(self.warehouse, [line], actor=SYSTEM)

    @rule(source=SOURCES, item=ITEMS, quantity=QUANTITIES)
    def reserve(self, source, item, quantity):
        source += self.items[0] * 10  # nobody else's order line
        got = reserve([Demand(source, self.items[item], quantity)], self.warehouse, actor=SYSTEM)
        for part in got[source]:
            key = source, part.balance_id
            self.held[key] = self.held.get(key, 0) + part.quantity

    @rule(source=SOURCES)
    def release(self, source):
        source += self.items[0] * 10
        release([source], actor=SYSTEM)
        self.held = {key: quantity for key, quantity in self.held.items() if key[0] != source}

    @precondition(lambda self: self.held)
    @rule(data=st.data(), quantity=QUANTITIES)
    def release_some(self, data, quantity):
        key = data.draw(st.sampled_from(sorted(self.held)))
        if self.try_to(release_part, [Held(*key, quantity)]) is not None:
            self.take(key, quantity)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), quantity=QUANTITIES)
    def issue(self, data, quantity):
        key = data.draw(st.sampled_from(sorted(self.held)))
        line = Issue(*key, quantity)
        if self.try_to(issue, [line], source=("masters.company", 1)) is not None:
            self.take(key, quantity)

    @rule(item=ITEMS, place=PLACES, quantity=QUANTITIES)
    def take_back(self, item, place, quantity):
        line = Receipt(self.items[item], self.places[place].pk, quantity, Decimal(1))
        source = ("masters.company", 1)
        take_back([line], source=source, actor=SYSTEM, warehouse_id=self.warehouse)

    @rule(item=ITEMS, place=PLACES, quantity=st.integers(-9, 9).map(Decimal))
    def adjust(self, item, place, quantity):
        line = Adjustment(self.items[item], self.places[place].pk, quantity)
        self.try_to(adjust_stock, self.warehouse, [line], reason="walk")

    @rule(item=ITEMS, place=PLACES, quantity=QUANTITIES)
    def transfer(self, item, place, quantity):
        ends = self.places[place].pk, self.places[1 - place].pk
        self.try_to(transfer_stock, self.warehouse, [Transfer(self.items[item], *ends, quantity)])

    @rule(item=ITEMS, place=PLACES, quantity=QUANTITIES, complete=st.booleans())
    def count(self, item, place, quantity, complete):
        found = [Counted(self.items[item], quantity)]
        place_id = self.places[place].pk
        self.try_to(count_stock, self.warehouse, place_id, found, complete=complete)

    def take(self, key, quantity):
        self.held[key] -= quantity
        if not self.held[key]:
            del self.held[key]

    @invariant()
    def every_promise_holds(self):
        assert_books_agree(PROMISES)

    @invariant()
    def what_is_held_is_what_was_promised(self):
        for balance in Balance.objects.filter(item__in=self.items):
            held = sum(q for (_s, pk), q in self.held.items() if pk == balance.pk)
            assert balance.reserved == held


@pytest.mark.django_db
def test_the_goods_book_never_lies():
    run_state_machine_as_test(
        StockWalk, settings=settings(max_examples=12, stateful_step_count=20, deadline=None)
    )
