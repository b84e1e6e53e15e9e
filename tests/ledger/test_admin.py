"""Both books in Django admin: a window, not a door."""

import pytest
from django.urls import reverse

from o2c.ledger.models import Account, Entry
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.ledger import posted
from tests.given.stock import reserved, stock

pytestmark = pytest.mark.django_db

BOOKS = ["stock_balance", "stock_move", "stock_reservation", "stock_expectedreceipt"]
BOOKS += ["stock_stockreceipt", "ledger_entry", "ledger_period"]


@pytest.fixture
def admin(boss):
    reserved(stock())
    ExpectedReceiptFactory()
    posted()
    return boss


@pytest.mark.parametrize("book", BOOKS)
def test_what_is_on_record_can_be_looked_at_and_not_changed(admin, book):
    page = admin.get(reverse(f"admin:{book}_changelist"))

    assert page.status_code == 200
    assert page.context["cl"].result_count
    assert admin.get(reverse(f"admin:{book}_add")).status_code == 403
    row = page.context["cl"].result_list[0]
    assert admin.get(reverse(f"admin:{book}_change", args=[row.pk])).status_code == 200
    assert admin.post(reverse(f"admin:{book}_change", args=[row.pk]), {}).status_code == 403
    assert admin.post(reverse(f"admin:{book}_delete", args=[row.pk])).status_code == 403


def test_an_account_is_kept_in_admin_and_keeps_its_role_once_used(admin):
    account = Account.objects.get(role="INVENTORY")
    url = reverse("admin:ledger_account_change", args=[account.pk])
    fields = {"code": account.code, "name": "Goods", "kind": "asset", "active": "on"}

    admin.post(url, {**fields, "role": "INVENTORY"})
    admin.post(url, {**fields, "name": "Nothing", "role": ""})

    account.refresh_from_db()
    assert (account.name, account.role) == ("Goods", "INVENTORY")
    assert Entry.objects.exists()
