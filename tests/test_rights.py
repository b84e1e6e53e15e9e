"""Every right the table names exists, and no role holds two duties that must not meet."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from o2c.core.models import Document
from o2c.rights import FORBIDDEN_PAIRS, RIGHTS, write_rights


@pytest.mark.parametrize("pair", FORBIDDEN_PAIRS, ids=" x ".join)
def test_no_role_holds_two_duties_that_must_not_meet(pair):
    holders = [role for role, granted in RIGHTS.items() if set(pair) <= set(granted)]

    assert holders == []


def test_every_verb_of_a_document_belongs_to_a_role_or_to_the_system():
    """A step nobody may do is either moved by the numbers or forgotten."""
    moved_by_the_house = {
        *("orders.start_fulfillment_order", "orders.ship_order", "orders.invoice_order"),
        *("orders.pay_order", "orders.reconcile_order", "orders.unsettle_order"),
        *("orders.unreconcile_order", "orders.unbill_order"),
        *("credit.cure_check", "credit.withdraw_check"),
        "reconciliation.replace_bank_statement",
    }
    granted = {right for rights in RIGHTS.values() for right in rights}
    verbs = {
        model.permission(verb)
        for model in apps.get_models()
        if issubclass(model, Document) and not model.__module__.startswith("tests.")
        for verb in model.steps()
    }

    assert verbs - granted - moved_by_the_house == set()


@pytest.mark.django_db
def test_the_rights_are_written_in_a_few_statements_a_role(count_statements):
    Group.objects.all().delete()
    Permission.objects.filter(content_type__model="right").delete()

    with count_statements() as count:
        write_rights()

    assert int(count) <= 8 * len(RIGHTS), str(count)
    assert Group.objects.count() == len(RIGHTS)


@pytest.mark.django_db
def test_migrating_writes_the_table_into_the_groups():
    for role, granted in RIGHTS.items():
        held = {
            f"{app}.{codename}"
            for app, codename in Group.objects.get(name=role).permissions.values_list(
                "content_type__app_label", "codename"
            )
        }
        assert held == set(granted)
