"""Every page with 20,000 rows of its own kind: no heavier than 400 kB, no more statements."""

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.urls import NoReverseMatch, reverse

from o2c.core.states import snake_case
from orders.models import Order, OrderLine
from receivables.models import OpenItem
from tests.conftest import counted_statements
from tests.given.invoicing import posted_invoice
from tests.given.reconciliation import paid
from tests.multiplied import multiply_row, multiply_under
from tests.web_budget import DETAIL_BUDGET, LIST_BUDGET
from tests.whole_house import furnish

pytestmark = pytest.mark.django_db
ROWS = 20_000
HEAVIEST = 400_000  # bytes
#: Of these a house has many.
MANY = {
    *("masters.Customer", "masters.Item", "masters.Location"),
    *("stock.StockReceipt", "ledger.Entry", "orders.Order", "credit.CreditCheck"),
    *("fulfillment.PickList", "fulfillment.Package", "shipping.Shipment", "shipping.Return"),
    *("invoicing.Invoice", "receivables.OpenItem", "receivables.Payment"),
    *("receivables.CreditApplication", "reconciliation.BankStatement"),
}


def lists() -> dict[str, type[models.Model]]:
    """The list page of every document and master, by its address."""
    found = {}
    for model in apps.get_models():
        noun = getattr(model, "noun", snake_case(model.__name__))
        try:
            found[reverse(f"{model._meta.app_label}:{noun}_list")] = model
        except NoReverseMatch:
            continue
    return found


def multiply_one_of(model: type[models.Model]) -> bool:
    """Whether there are 20,000 of them now. Of some there can be one only."""
    for row in model._default_manager.order_by("-pk")[:4]:
        try:
            with transaction.atomic():
                multiply_row(row, ROWS)
        except DatabaseError:
            continue  # of this one there can be no second
        return True
    return False


def weigh(client, url, budget):
    """What is wrong with a page, if anything."""
    client.get(url)  # what is cached after the first time does not count
    with counted_statements() as count:
        response = client.get(url)
    size = len(response.content)
    if response.status_code != 200 or size > HEAVIEST or int(count) > budget:
        return {url: f"{response.status_code}, {size:,} bytes, {int(count)} statements"}
    return {}


def test_every_list_of_twenty_thousand_is_a_page(boss):
    furnish()
    paid(posted_invoice((10, "4.00")))
    wrong, multiplied = {}, set()
    for url, model in lists().items():
        if multiply_one_of(model):
            multiplied.add(model._meta.label)
            wrong |= weigh(boss, url, LIST_BUDGET)

    assert wrong == {}
    assert multiplied >= MANY


@pytest.mark.parametrize(
    ("label", "parent"),
    [
        ("credit.CreditAccount", "customer"),
        ("masters.Address", "customer"),
        ("reconciliation.Match", "bank_line"),
    ],
)
def test_a_list_of_what_another_has_one_of_is_a_page(boss, label, parent):
    """Periods and currencies are not here: of months and currencies there are a few hundred."""
    furnish()
    paid(posted_invoice((10, "4.00")))
    [(url, model)] = [(u, m) for u, m in lists().items() if m._meta.label == label]
    multiply_under(model._default_manager.latest("pk"), parent, ROWS)

    assert model._default_manager.count() > ROWS
    assert weigh(boss, url, LIST_BUDGET) == {}


def test_an_account_of_twenty_thousand_items_is_paged(boss):
    """The page of the issue: 22,727 items, 7 MB, 6 s."""
    posted_invoice((10, "4.00"))
    item = OpenItem.objects.latest("pk")
    multiply_row(item, ROWS)
    url = reverse("receivables:customer_account", args=[item.customer_id])

    assert weigh(boss, url, DETAIL_BUDGET) == {}
    first, last = (boss.get(url, {"lines": n}).content.decode() for n in (1, ROWS))

    assert f"1 to 100 of {ROWS + 1}" in first
    assert f"{ROWS} to {ROWS + 1} of {ROWS + 1}" in last
    balance = item.open_amount * (ROWS + 1)
    assert f"{balance:,.2f}" in first  # the head has the sums of all
    assert last.count(f"{balance:,.2f}") > first.count(f"{balance:,.2f}")  # and the last line


@pytest.mark.parametrize("asked", ["", "?lines=all"])
def test_an_order_of_twenty_thousand_lines_is_paged(boss, asked):
    posted_invoice((10, "4.00"))
    line = OrderLine.objects.latest("pk")
    multiply_row(line, ROWS)
    Order.objects.filter(pk=line.order_id).update(line_count=ROWS + 1)

    assert weigh(boss, line.order.get_absolute_url() + asked, DETAIL_BUDGET) == {}
