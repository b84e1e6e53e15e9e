"""The machines of warehouse and shipping: what the classes declare, the database enforces."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pgtrigger import registered

from fulfillment.models import PickList
from shipping.models import Return, Shipment
from tests.given.logistics import announced_return, packed_list

MACHINES = [PickList, Shipment, Return]


@pytest.mark.parametrize("model", MACHINES)
def test_the_triggers_know_exactly_the_declared_moves(model):
    [guard] = [
        trigger
        for owner, trigger in registered(f"{model._meta.label}:state_moves_as_declared")
        if owner is model
    ]

    assert set(guard.transitions) == {(t.source, t.target) for t in model.transitions()}


@pytest.mark.django_db
@pytest.mark.parametrize("reach", [packed_list, announced_return])
def test_nothing_moves_behind_the_doors_back(reach):
    document = reach()
    rows = type(document).objects.filter(pk=document.pk)

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(state="nowhere")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["fulfillment_picklist", "fulfillment_package", "shipping_shipment", "shipping_return"],
)
def test_the_admin_shows_and_changes_nothing(boss, name):
    coming = announced_return()
    rows = {
        "fulfillment_picklist": coming.shipment.pick_list,
        "fulfillment_package": coming.shipment.pick_list.packages.get(),
        "shipping_shipment": coming.shipment,
        "shipping_return": coming,
    }

    assert boss.get(reverse(f"admin:{name}_changelist")).status_code == 200
    page = boss.get(reverse(f"admin:{name}_change", args=[rows[name].pk]))
    assert page.status_code == 200
    assert boss.get(reverse(f"admin:{name}_add")).status_code == 403
