"""Journal, stock moves and outbox call every document by its number, on screen and in files."""

import re

import pytest
from django.urls import reverse

from o2c.core.models import User
from o2c.ledger.models import Entry
from o2c.stock.models import Move
from o2c.web.links import page_url
from tests.conftest import counted_statements
from tests.given.invoicing import posted_invoice
from tests.given.logistics import planned_list
from tests.given.mail import queued
from tests.web_budget import LIST_BUDGET
from tests.whole_house import furnish

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    client.force_login(User.objects.create_superuser("rita"))
    return client


def linked(row) -> str:
    return f'<a href="{row.get_absolute_url()}">{row.number}</a>'


def exported(client, url: str) -> str:
    return b"".join(client.get(f"{url}?export=csv").streaming_content).decode()


def test_the_journal_names_shipment_and_invoice(reader):
    invoice = posted_invoice()
    url = reverse("ledger:entry_list")

    page = reader.get(url).content.decode()

    assert linked(invoice) in page
    assert linked(invoice.shipment) in page
    assert invoice.number in exported(reader, url)
    entry = Entry.objects.get(source_type="invoicing.invoice")
    assert linked(invoice) in reader.get(page_url(entry)).content.decode()


def test_the_journal_says_in_words_what_was_posted_for(reader):
    invoice = posted_invoice()
    entry = Entry.objects.get(source_type="invoicing.invoice", source_id=invoice.pk)

    file = exported(reader, reverse("ledger:entry_list"))

    assert ",Posted," in file
    assert ",Dispatched," in file
    assert "Posted" in reader.get(page_url(entry)).content.decode()


def test_an_item_card_names_what_moved_it_and_who_holds_it(reader):
    shipment = posted_invoice().shipment
    move = Move.objects.get(source_type="shipping.shipment", source_id=shipment.pk)
    order = planned_list((10, 6)).order
    item = order.lines.get().item_id

    moved = reader.get(reverse("stock:item_stock", args=[move.balance.item_id])).content.decode()
    held = reader.get(reverse("stock:item_stock", args=[item])).content.decode()

    assert linked(shipment) in moved
    assert linked(order) in held


def test_the_outbox_names_the_invoice(reader):
    invoice = posted_invoice()
    message = queued(invoice)
    url = reverse("invoicing:message_list")

    assert linked(invoice) in reader.get(f"{url}?tab=all").content.decode()
    detail = reverse("invoicing:message_detail", args=[message.pk])
    assert linked(invoice) in reader.get(detail).content.decode()


def test_a_journal_of_many_kinds_keeps_its_budget(reader):
    furnish()
    url = reverse("ledger:entry_list")
    reader.get(url)

    with counted_statements() as count:
        page = reader.get(url).content.decode()

    assert Entry.objects.values("source_type").distinct().count() > 3
    assert int(count) <= LIST_BUDGET, str(count)
    named = re.findall(r'data-label="Document">(?:<a[^>]*>)?([^<]+)<', page)
    assert all(re.fullmatch(r"[A-Z]{2,3}-[\d-]+", name) for name in named), named
    assert len(named) == Entry.objects.count()
