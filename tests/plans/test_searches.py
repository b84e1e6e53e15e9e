"""A search reads an index and the keys of what it found, and finds what reading every row finds."""

import pytest
from django.db import connection
from django.db.models import Q

from invoicing.models import Invoice
from invoicing.tables import InvoiceTable
from o2c.web.tables import searching
from o2c.web.tables.filters import SearchFilter
from o2c.web.tables.searching import containing, keys_of
from orders.models import Order
from tests.given.invoicing import posted_invoice

pytestmark = pytest.mark.django_db

INVOICES = next(one.paths for one in InvoiceTable.filters if isinstance(one, SearchFilter))


@pytest.mark.parametrize(
    ("model", "index"),
    [(Invoice, "invoicing_invoice_search"), (Order, "orders_order_search")],
)
def test_a_part_of_a_number_is_found_by_its_index(model, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")  # no walk along the primary key

    assert index in model.objects.filter(number__icontains="04711").explain()


@pytest.mark.parametrize("most", [0, 500])
def test_few_and_many_are_found_alike(monkeypatch, most):
    monkeypatch.setattr(searching, "MOST_KEYS", most)
    invoice = posted_invoice((1, "4.00"))
    posted_invoice((1, "5.00"))
    texts = [invoice.number[-3:].lower(), invoice.customer.name[1:5].upper(), invoice.order.number]
    for text in [*texts, "nowhere"]:
        plain = Q()
        for path in INVOICES:
            plain |= Q(**{f"{path}__icontains": text})

        found = Invoice.objects.filter(containing(Invoice, INVOICES, [text]))

        assert set(found) == set(Invoice.objects.filter(plain)), text


def test_rows_beyond_the_most_are_not_handed_on_by_key(monkeypatch):
    monkeypatch.setattr(searching, "MOST_KEYS", 1)
    posted_invoice((1, "4.00"))
    assert len(keys_of(Invoice.objects.all())) == 1
    posted_invoice((1, "5.00"))

    assert keys_of(Invoice.objects.all()) is None


def test_tabs_page_and_sums_do_not_search_again(boss, count_statements):
    invoice = posted_invoice((1, "4.00"))
    boss.get("/invoicing/")

    with count_statements() as count:
        page = boss.get("/invoicing/", {"tab": "all", "q": invoice.number})

    assert list(page.context["listing"].rows) == [invoice]
    searches = [one for one in count.statements if 'UPPER("invoicing_invoice"."number"' in one]
    assert len(searches) == 1, str(count)
