"""Every page of one thing that 20,000 others belong to: no heavier than 400 kB, no more statements.

Which rows a page shows is not written down here: a page is asked once, and of each table that it
reads the rows that belong to its document are multiplied. A new page is found by its address.
"""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from o2c.core.actors import SYSTEM
from o2c.web.files import attach_file
from receivables.commands import propose_dunning
from tests.conftest import counted_statements
from tests.factories.masters import ItemFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given.invoicing import posted_invoice
from tests.given.mail import queued
from tests.given.receivables import late
from tests.given.reconciliation import paid
from tests.given.stock import stock
from tests.multiplied import multiply_row
from tests.web_budget import DETAIL_BUDGET
from tests.whole_house import furnish, pages_of_one

pytestmark = pytest.mark.django_db
ROWS = 20_000
HEAVIEST = 400_000  # bytes
BUDGET = DETAIL_BUDGET + 4  # each long list is counted: lines, files, timeline, one more
NEWEST = 5
#: Lists that pages are known to show: if the test found them no more, it would prove nothing.
SHOWN = {
    *(("orders:order_detail", "OrderLine"), ("invoicing:invoice_detail", "InvoiceLine")),
    *(("ledger:entry_detail", "Line"), ("ledger:account_detail", "Line")),
    *(("ledger:period_detail", "Entry"), ("stock:stock_receipt_detail", "Move")),
    *(("stock:item_stock", "Balance"), ("fulfillment:pick_list_detail", "PickLine")),
    *(("shipping:shipment_detail", "ShipmentLine"), ("shipping:return_detail", "ReturnLine")),
    *(("receivables:open_item_detail", "Allocation"), ("receivables:payment_detail", "Allocation")),
    *(("receivables:dunning_run_detail", "DunningLetter"), ("masters:customer_detail", "Address")),
    *(
        ("reconciliation:bank_statement_detail", "BankLine"),
        ("masters:price_list_detail", "PriceListItem"),
    ),
    *(("invoicing:message_detail", "Event"), ("invoicing:invoice_detail", "Attachment")),
    *(("orders:order_detail", "Event"), ("orders:order_detail", "HistoricalOrder")),
}
#: Of these a document has a handful, whatever its length: its groups of tax.
FEW = {"TaxLine"}
TABS = ("", "?tab=timeline", "?tab=files", "?tab=audit")


def build_world():
    """A world with something of every kind that a page shows, and a file at the last invoice."""
    furnish()
    stock(ItemFactory(), lot="L")  # of a lot there can be many balances
    DunningPolicyFactory()
    late(15)
    propose_dunning(actor=SYSTEM)
    invoice = posted_invoice((10, "4.00"))
    paid(invoice)
    attach_file(invoice.pk, "invoicing.invoice", b"note", "note.txt", actor=SYSTEM)
    queued(invoice)


def tables_read(client, url):
    """The tables that a page asks, whatever its tab."""
    with counted_statements() as count:
        for tab in TABS:
            assert client.get(url + tab).status_code == 200, url + tab
    asked = "".join(count.statements)
    return {m for m in apps.get_models() if f'"{m._meta.db_table}"' in asked}


def belongings(row):
    """For each model, how its rows are known that belong to a row: by a key, by type and key."""
    label = row._meta.label_lower
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is type(row):
                yield model, {field.name: row}
        names = {field.name for field in model._meta.concrete_fields}
        for kind in ("document", "source"):
            if {f"{kind}_type", f"{kind}_id"} <= names:
                yield model, {f"{kind}_type": label, f"{kind}_id": row.pk}
        if getattr(model, "instance_type", None) is type(row):
            yield model, {"id": row.pk}


def richest(model):
    """Of the newest rows the one that most others belong to."""
    rows = model._default_manager.order_by("-pk")[:NEWEST]
    return max(rows, key=lambda row: sum(1 for _ in kinds_there(row)), default=None)


def kinds_there(row):
    for kind, own in belongings(row):
        if one := kind._default_manager.filter(**own).order_by("-pk").first():
            yield kind, one


def multiply_belongings(row, models_read):
    """Make 20,000 of one thing of each kind that belongs to a row; which kinds there were."""
    made = set()
    for model, one in kinds_there(row):
        if model not in models_read or model in made:
            continue
        if model.__name__ in FEW or only_one_can_belong(model, row):
            continue
        try:
            with transaction.atomic():
                allow_twins(model)
                multiply_row(one, ROWS)
        except DatabaseError:
            continue  # a check says that of this one there can be no second
        made.add(model)
    return made


def only_one_can_belong(model, row):
    """Whether a key says so by itself: the proof of one delivery, the credit account of one."""
    return any(
        field.is_relation and field.unique and field.related_model is type(row)
        for field in model._meta.concrete_fields
    )


def allow_twins(model):
    """Drop the unique keys of a table until the end of the test: the rows are only for weighing."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table changes with checks pending
        cursor.execute(
            "SELECT c.conname, i.indexrelid::regclass FROM pg_index AS i "
            "LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.contype IN ('u', 'x') "
            "WHERE i.indrelid = %s::regclass AND NOT i.indisprimary "
            "AND (i.indisunique OR c.contype = 'x')",
            [model._meta.db_table],
        )
        for constraint, index in cursor.fetchall():
            cursor.execute(
                f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT {constraint} CASCADE'
                if constraint
                else f"DROP INDEX {index}"
            )


def weigh(client, url):
    """What is wrong with a page, if anything."""
    with counted_statements() as count:
        response = client.get(url)
    size = len(response.content)
    if response.status_code != 200 or size > HEAVIEST or int(count) > BUDGET:
        return {url: f"{response.status_code}, {size:,} bytes, {int(count)} statements"}
    return {}


def test_every_page_of_one_thing_with_twenty_thousand_others_is_a_page(boss):
    build_world()
    wrong, multiplied = {}, {}
    for name, route, model in pages_of_one():
        row = richest(model)
        if row is None:
            continue
        url = route.replace("<int:pk>", str(row.pk))
        with transaction.atomic():
            multiplied[name] = multiply_belongings(row, tables_read(boss, url))
            for tab in TABS if multiplied[name] else ():
                wrong |= weigh(boss, url + tab)
            transaction.set_rollback(True)

    assert wrong == {}
    assert {(name, m.__name__) for name, made in multiplied.items() for m in made} >= SHOWN
