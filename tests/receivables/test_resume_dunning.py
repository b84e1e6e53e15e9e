"""A pause ends by a word: the customer is dunned again at once."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from receivables.commands import pause_dunning, propose_dunning, resume_dunning
from receivables.models import DunningProfile
from tests.factories.masters import CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


@pytest.fixture
def paused(today):
    """The profile of a customer who is paused for today and owes something."""
    customer = given.late(9).customer
    return pause_dunning(customer.pk, until=today, reason="on holiday", actor=SYSTEM)


def test_letters_are_proposed_again(paused, collector):
    DunningPolicyFactory()

    resume_dunning(paused.customer_id, actor=collector)

    assert propose_dunning(actor=SYSTEM).letter_count == 1


def test_the_record_shows_both_words(paused):
    profile = resume_dunning(paused.customer_id, actor=SYSTEM)

    assert (profile.paused_until, profile.pause_reason, profile.version) == (None, "", 2)
    rows = profile.history.order_by("history_id").values_list("pause_reason", flat=True)
    assert list(rows) == ["on holiday", ""]


def test_who_was_never_paused_is_not_paused(today):
    profile = resume_dunning(CustomerFactory().pk, actor=SYSTEM)

    assert not profile.is_paused(today)


def test_running_twice_ends_as_running_once(paused, today):
    for _ in range(2):
        resume_dunning(paused.customer_id, actor=SYSTEM)

    assert not DunningProfile.objects.get().is_paused(today)


def test_a_sales_clerk_may_not(paused, today, clerk):
    with pytest.raises(NotPermitted):
        resume_dunning(paused.customer_id, actor=clerk)

    assert DunningProfile.objects.get().is_paused(today)
