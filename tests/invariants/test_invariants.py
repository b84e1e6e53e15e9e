"""verify finds every planted violation, and every invariant has been planted."""

import pytest

from o2c.core.verify import registered
from tests.invariants.planted import all_plants, carry_out


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", all_plants(), ids=str)
def test_the_invariant_holds_in_health_and_finds_what_is_planted(chosen):
    healthy, broken = carry_out(chosen)

    assert healthy.holds, healthy.sentences()
    assert not broken.holds


def test_every_invariant_has_been_planted():
    planted = {chosen.invariant_id for chosen in all_plants()}

    assert set(registered()) - planted == set()


def test_no_plant_grows_for_an_invariant_that_is_gone():
    assert {chosen.invariant_id for chosen in all_plants()} <= set(registered())
