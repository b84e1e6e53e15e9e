"""Files of lists: made from plain values they say what the rows on the screen say."""

import tracemalloc
from unittest import mock

import pytest
from django.db.models import Model

from invoicing.models import Invoice
from o2c.core.models import User
from o2c.web.tables.listing import Listing
from orders.models import Order
from receivables.models import OpenItem
from tests.given.invoicing import posted_invoice
from tests.given.reconciliation import paid
from tests.multiplied import multiply_row
from tests.test_many_rows import lists
from tests.whole_house import furnish

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    client.force_login(User.objects.create_superuser("rita"))
    return client


def everything(reader, url):
    """The listing at an address with all its columns and rows."""
    table = reader.get(url).context["listing"].table
    tab = table.tabs[-1].key if table.tabs else ""
    columns = ",".join(column.key for column in table.columns)
    return reader.get(url, {"tab": tab, "columns": columns}).context["listing"]


def from_rows(listing: Listing):
    return [
        [cell for column in listing.columns for cell in column.exported(row)]
        for row in listing.all_rows()
    ]


def test_every_file_says_what_its_rows_say(reader):
    furnish()
    paid(posted_invoice((10, "4.00")))
    wrong, filled = {}, 0
    for url in lists():
        listing = everything(reader, url)
        rows = from_rows(listing)
        filled += bool(rows)
        if list(listing.file_rows()) != rows:
            wrong[url] = (next(iter(listing.file_rows())), rows[0])

    assert wrong == {}
    assert filled > 20


@pytest.mark.parametrize("model", [Order, OpenItem, Invoice])
def test_the_long_files_are_made_without_rows(reader, model: type[Model]):
    posted_invoice((10, "4.00"))
    [url] = [url for url, listed in lists().items() if listed is model]
    listing = everything(reader, url)

    with mock.patch.object(model, "from_db", side_effect=AssertionError("a row was made")):
        assert len(list(listing.file_rows())) == 1


def test_memory_stays_flat_however_long_the_file(reader):
    posted_invoice((10, "4.00"))
    order = Order.objects.get()
    peaks = []
    for more in (3_000, 12_000):
        multiply_row(order, more)
        response = reader.get("/orders/", {"tab": "all", "export": "csv"})
        tracemalloc.start()
        size = sum(len(chunk) for chunk in response.streaming_content)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert size > 15_000 * 50
    assert peaks[1] < 1.2 * peaks[0]
