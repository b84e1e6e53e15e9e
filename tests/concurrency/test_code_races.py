"""Two people give a code at once that differs in capitals only: one is told that it is in use."""

from functools import partial

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.masters.commands import amend_master
from o2c.masters.models import Customer, Item, Location
from tests.concurrency.race import constraint_off, in_step, lost, race, won
from tests.factories.masters import CustomerFactory, UnitFactory, WarehouseFactory

pytestmark = pytest.mark.django_db(transaction=True)

IN_USE = "This code is in use, perhaps in other capitals."
AT_PLACE = "The warehouse has a location with this code."


def items():
    unit = UnitFactory()
    return [Item(code=code, name="Bolt", unit=unit) for code in ("47566b", "47566B")]


def customers():
    like = CustomerFactory(code="OTHER")
    alike = {name: getattr(like, name) for name in ("currency", "terms", "tax_profile")}
    return [Customer(code=code, name="Acme", **alike) for code in ("N1", "n1")]


def locations():
    warehouse = WarehouseFactory()
    return [Location(warehouse=warehouse, code=code) for code in ("Z-01b", "z-01B")]


TWINS = {
    "item": (items, "masters_item", "masters_item_code_once", IN_USE),
    "customer": (customers, "masters_customer", "masters_customer_code_once", IN_USE),
    "location": (locations, "masters_location", "masters_location_code_once", AT_PLACE),
}


@pytest.fixture(params=TWINS)
def contest(request):
    return TWINS[request.param]


def at_once(twins):
    """Both look before either writes."""
    with in_step():
        return race(*[partial(amend_master, twin, actor=SYSTEM) for twin in twins])


def test_one_has_the_code_and_the_other_is_told(contest):
    make, _table, _referee, sentence = contest
    twins = make()

    outcomes = at_once(twins)

    [winner], [refusal] = won(outcomes), lost(outcomes)
    assert isinstance(refusal, RuleViolation), refusal
    assert (str(refusal), refusal.field) == (sentence, "code")
    kept = type(winner)._default_manager.filter(code__iexact=winner.code)
    assert [row.pk for row in kept] == [winner.pk]


def test_without_the_referee_both_have_it(contest):
    make, table, referee, _sentence = contest
    twins = make()

    with constraint_off(table, referee):
        outcomes = at_once(twins)
        kept = type(twins[0])._default_manager.filter(code__iexact=twins[0].code).count()

    assert len(won(outcomes)) == 2, outcomes
    assert kept == 2
