"""Journal, stock moves and outbox call every document by its number, on screen and in files."""

import re

import pytest
from django.urls import reverse

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


def linked(row) -> str:
    return f'<a href="{row.get_absolute_url()}">{row.number}</a>'


def exported(client, url: str) -> str:
    return b"".join(client.get(f"{url}?export=csv").streaming_content).decode()


def test_the_journal_names_shipment_and_invoice(boss):
    invoice = posted_invoice()
    url = reverse("ledger:entry_list")

    page = boss.get(url).content.decode()

    assert linked(invoice) in page
    assert linked(invoice.shipment) in page
    assert invoice.number in exported(boss, url)
    entry = Entry.objects.get(source_type="invoicing.invoice")
    assert linked(invoice) in boss.get(page_url(entry)).content.decode()


def test_the_journal_says_in_words_what_was_posted_for(boss):
    invoice = posted_invoice()
    entry = Entry.objects.get(source_type="invoicing.invoice", source_id=invoice.pk)

    file = exported(boss, reverse("ledger:entry_list"))

    assert ",Posted," in file
    assert ",Dispatched," in file
    assert "Posted" in boss.get(page_url(entry)).content.decode()


def test_an_item_card_names_what_moved_it_and_who_holds_it(boss):
    shipment = posted_invoice().shipment
    move = Move.objects.get(source_type="shipping.shipment", source_id=shipment.pk)
    order = planned_list((10, 6)).order
    item = order.lines.get().item_id

    moved = boss.get(reverse("stock:item_stock", args=[move.balance.item_id])).content.decode()
    held = boss.get(reverse("stock:item_stock", args=[item])).content.decode()

    assert linked(shipment) in moved
    assert linked(order) in held


def test_the_outbox_names_the_invoice(boss):
    invoice = posted_invoice()
    message = queued(invoice)
    url = reverse("invoicing:message_list")

    assert linked(invoice) in boss.get(f"{url}?tab=all").content.decode()
    detail = reverse("invoicing:message_detail", args=[message.pk])
    assert linked(invoice) in boss.get(detail).content.decode()


def test_a_journal_of_many_kinds_keeps_its_budget(boss):
    furnish()
    url = reverse("ledger:entry_list")
    boss.get(url)

    with counted_statements() as count:
        page = boss.get(url).content.decode()

    assert Entry.objects.values("source_type").distinct().count() > 3
    assert int(count) <= LIST_BUDGET, str(count)
    named = re.findall(r'data-label="Document">(?:<a[^>]*>)?([^<]+)<', page)
    assert all(re.fullmatch(r"[A-Z]{2,3}-[\d-]+", name) for name in named), named
    assert len(named) == Entry.objects.count()
