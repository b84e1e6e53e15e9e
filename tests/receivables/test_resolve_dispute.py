"""A dispute ends with words, once, and what is still open may be dunned again."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from receivables.commands import propose_dunning, resolve_dispute
from receivables.models import Dispute, DisputeState, DunningNotice
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def dispute():
    return given.dispute(given.late(9), "30.00")


def test_it_ends_with_its_resolution(dispute, collector):
    resolve_dispute(dispute.pk, resolution=" Price was as agreed ", actor=collector)

    dispute.refresh_from_db()
    assert (dispute.state, dispute.resolution) == (DisputeState.RESOLVED, "Price was as agreed")
    event = Event.objects.get(name="dispute.resolved")
    assert event.facts["reason"] == "Price was as agreed"


def test_all_of_it_is_dunned_again(dispute):
    DunningPolicyFactory()
    resolve_dispute(dispute.pk, resolution="Price was as agreed", actor=SYSTEM)

    run = propose_dunning(actor=SYSTEM)

    assert DunningNotice.objects.get().amount == D("100.00")
    assert run.excluded_count == 0


def test_it_is_not_resolved_without_words(dispute):
    with pytest.raises(RuleViolation, match="how it was resolved") as refused:
        resolve_dispute(dispute.pk, resolution=" ", actor=SYSTEM)

    assert refused.value.field == "resolution"
    assert Dispute.objects.get().state == DisputeState.OPEN


def test_it_is_resolved_once_and_keeps_its_first_words(dispute):
    resolve_dispute(dispute.pk, resolution="first", actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is resolved"):
        resolve_dispute(dispute.pk, resolution="second", actor=SYSTEM)

    assert Dispute.objects.get().resolution == "first"


def test_who_only_looks_may_not(dispute, auditor):
    with pytest.raises(NotPermitted):
        resolve_dispute(dispute.pk, resolution="I say so", actor=auditor)

    assert Dispute.objects.get().state == DisputeState.OPEN
