"""Every right the table names exists, and no role holds two duties that must not meet."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from o2c.core.models import Document, User
from o2c.rights import FORBIDDEN_PAIRS, RIGHTS, write_rights
from o2c.web.admin import ReadOnlyAdmin
from tests.factories.orders import OrderFactory


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
        *("core.start_message", "core.put_off_message", "core.finish_message"),
        *("core.give_up_message", "core.lose_message"),
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


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        ("credit manager", "receivables.set_dunning_profile"),
        ("controller", "receivables.set_dunning_profile"),
        ("collector", "shipping.view_shipping"),
        ("collector", "credit.view_credit"),
        ("collector", "invoicing.draft_credit_note"),
        ("collector", "core.resend_message"),
        ("collector", "masters.change_contact"),
        ("sales clerk", "credit.view_credit"),
        ("sales clerk", "invoicing.draft_credit_note"),
        ("sales clerk", "receivables.record_promise"),
        ("billing clerk", "receivables.open_dispute"),
        ("billing clerk", "receivables.record_promise"),
        ("billing clerk", "credit.view_credit"),
        ("billing clerk", "stock.view_stock"),
        ("cash clerk", "credit.view_credit"),
        ("auditor", "ledger.view_ledger"),
    ],
)
def test_a_role_has_what_its_work_asks_for(role, granted):
    assert granted in RIGHTS[role]


def test_nobody_but_the_controller_approves_a_credit_note():
    holders = {role for role, granted in RIGHTS.items() if "invoicing.approve_invoice" in granted}

    assert holders == {"controller"}


def test_administrators_read_in_django_admin_whatever_is_registered_to_be_read():
    shown = {
        model
        for registered, page in admin.site._registry.items()
        if isinstance(page, ReadOnlyAdmin)
        for model in (registered, *(inline.model for inline in page.inlines))
    }

    wanted = {f"{model._meta.app_label}.view_{model._meta.model_name}" for model in shown}
    assert wanted - set(RIGHTS["administrator"]) == set()


@pytest.mark.django_db
def test_an_administrator_reads_an_order_in_django_admin_and_changes_nothing(client):
    order = OrderFactory()
    ada = User.objects.create(username="ada", is_staff=True)
    ada.groups.add(Group.objects.get(name="administrator"))
    client.force_login(ada)
    page = reverse("admin:orders_order_change", args=[order.pk])

    assert client.get(reverse("admin:orders_order_changelist")).status_code == 200
    assert client.get(page).status_code == 200
    assert client.post(page, {"note": "x"}).status_code == 403
    assert client.get(reverse("orders:order_detail", args=[order.pk])).status_code == 403
