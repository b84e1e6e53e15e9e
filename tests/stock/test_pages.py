"""The stock pages: what they show, how they act, and how they say no."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse

from o2c.stock.models import (
    Balance,
    ExpectedReceipt,
    StockAdjustment,
    StockCount,
    StockReceipt,
    StockTransfer,
)
from tests.factories.masters import ItemFactory, WarehouseFactory
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.stock import reserved, stock, storage

pytestmark = pytest.mark.django_db


def send(client, name, lines=(), **header):
    """Fill in the form at a URL name and send it."""
    data = {"lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 0, **header}
    for nr, line in enumerate(lines):
        data |= {f"lines-{nr}-{field}": value for field, value in line.items()}
    return client.post(reverse(name), data)


def receive(client, goods, **line):
    line = {"item": goods.code, "location": storage().code, "quantity": "10", **line}
    header = {"warehouse": storage().warehouse_id, "moved_on": "2026-11-02", "reference": "DN 7"}
    return send(client, "stock:stock_receipt_new", [line], **header)


def test_the_overview_shows_what_lies_where(boss):
    balance = reserved(stock(quantity=10), quantity=4)

    page = boss.get(reverse("stock:balance_list"))

    assert page.status_code == 200
    text = page.content.decode()
    assert balance.item.code in text
    assert reverse("stock:item_stock", args=[balance.item_id]) in text
    assert [row.free_quantity for row in page.context["listing"].page.rows] == [6]


def test_an_item_page_shows_places_holders_what_comes_and_every_move(boss):
    balance = reserved(stock(quantity=10), quantity=4)
    ExpectedReceiptFactory(item=balance.item, reference="PO 99")

    page = boss.get(reverse("stock:item_stock", args=[balance.item_id]))

    text = page.content.decode()
    for words in (balance.location.code, "PO 99", "GR-", "Order line 1"):
        assert words in text, words


def test_goods_are_received_on_a_form(boss):
    stock()
    item = ItemFactory()

    answer = receive(boss, item, unit_cost="1.25")

    receipt = StockReceipt.objects.latest("pk")
    assert (answer.status_code, answer.url) == (303, receipt.get_absolute_url())
    assert receipt.moved_on == date(2026, 11, 2)
    balance = Balance.objects.get(item=item)
    assert (balance.on_hand, balance.value) == (10, Decimal("12.50"))
    assert "DN 7" in boss.get(answer.url).content.decode()


def test_the_same_form_sent_twice_receives_once(boss):
    stock()
    item = ItemFactory()
    line = {"item": item.code, "location": storage().code, "quantity": "10"}
    header = {"warehouse": storage().warehouse_id, "moved_on": "2026-11-02", "op_id": "once"}

    first = send(boss, "stock:stock_receipt_new", [line], **header)
    second = send(boss, "stock:stock_receipt_new", [line], **header)

    assert first.url == second.url
    assert Balance.objects.get(item=item).on_hand == 10


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"location": "NOWHERE"}, "no location “NOWHERE”"),
        ({"quantity": "0.5"}, "more decimals than the unit"),
        ({"quantity": "0"}, "greater than zero"),
        ({"quantity": "NaN"}, "is not a number"),
        ({"item": "NOTHING"}, "no “NOTHING” here"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_received(boss, line, problem):
    item = stock().item

    answer = receive(boss, item, **line)

    assert "<title>Error:" in answer.content.decode()
    assert answer.status_code == 422
    assert problem in answer.content.decode().replace("&quot;", '"')
    assert StockReceipt.objects.count() == 1


def test_goods_are_transferred_on_a_form(boss):
    balance = stock(quantity=10)
    line = {"item": balance.item.code, "quantity": "4"}
    ends = {"from_location": balance.location.code, "to_location": storage(1).code.lower()}

    answer = send(
        boss,
        "stock:stock_transfer_new",
        [line | ends],
        warehouse=balance.location.warehouse_id,
    )

    assert answer.url == StockTransfer.objects.get().get_absolute_url()
    assert Balance.objects.get(location=storage(1)).on_hand == 4
    assert boss.get(answer.url).status_code == 200


def test_the_book_is_adjusted_with_a_reason(boss):
    balance = stock(quantity=10)
    line = {"item": balance.item.code, "location": balance.location.code, "quantity": "-3"}
    header = {"warehouse": balance.location.warehouse_id}

    without = send(boss, "stock:stock_adjustment_new", [line], **header)
    answer = send(boss, "stock:stock_adjustment_new", [line], reason="Broken", **header)

    assert without.status_code == 422
    assert answer.url == StockAdjustment.objects.get().get_absolute_url()
    assert "Broken" in boss.get(answer.url).content.decode()
    balance.refresh_from_db()
    assert balance.on_hand == 7


def test_a_location_is_counted(boss):
    balance, gone = stock(quantity=10), stock(quantity=2)
    line = {"item": balance.item.code, "quantity": "9"}

    answer = send(
        boss,
        "stock:stock_count_new",
        [line],
        warehouse=balance.location.warehouse_id,
        location=balance.location.code,
        complete="on",
    )

    assert answer.url == StockCount.objects.get().get_absolute_url()
    page = boss.get(answer.url).content.decode()
    assert balance.item.code in page
    assert gone.item.code in page
    gone.refresh_from_db()
    assert gone.on_hand == 0


def test_goods_are_expected_received_and_cancelled(boss):
    item, warehouse = ItemFactory(), WarehouseFactory()
    stock()
    header = {"item": item.code, "warehouse": warehouse.pk, "quantity": "5"}

    send(boss, "stock:expected_receipt_new", expected_date="2026-12-24", **header)
    expected = ExpectedReceipt.objects.get()
    page = reverse("stock:expected_receipt_detail", args=[expected.pk])
    assert boss.get(page).status_code == 200
    boss.post(f"{page}reschedule/", {"expected_date": "2026-12-30"})
    expected.refresh_from_db()
    assert expected.expected_date == date(2026, 12, 30)
    assert boss.post(f"{page}reschedule/", {"expected_date": "soon"}).status_code == 422
    lost = boss.post(f"{page}receive/", {"location": "NOWHERE", "quantity": "2"})
    assert (lost.status_code, list(lost.context["form"].errors)) == (422, ["location"])
    came = boss.post(f"{page}receive/", {"location": storage().code, "quantity": "2"})
    assert "Promises to customers" in boss.get(f"{page}cancel/").content.decode()
    assert boss.post(f"{page}cancel/", {}).url == page

    assert came.url == StockReceipt.objects.latest("pk").get_absolute_url()
    expected.refresh_from_db()
    assert (expected.received, expected.cancelled) == (2, True)
    late = boss.post(f"{page}reschedule/", {"expected_date": "2026-12-31"})
    assert "Nothing of this delivery is to come any more." in late.content.decode()
    for verb in ("receive", "reschedule", "cancel"):
        asked = boss.get(f"{page}{verb}/")
        assert asked.status_code == 409
        assert "Nothing of this delivery is to come any more." in asked.content.decode()
    assert boss.get(page).context["offers"] == []


PAGES = [
    "stock:balance_list",
    "stock:expected_receipt_list",
    "stock:expected_receipt_new",
    "stock:stock_receipt_list",
    "stock:stock_receipt_new",
    "stock:stock_transfer_list",
    "stock:stock_transfer_new",
    "stock:stock_adjustment_list",
    "stock:stock_adjustment_new",
    "stock:stock_count_list",
    "stock:stock_count_new",
    "stock:stock_import",
]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_for_who_may_see_it(boss, name):
    stock()

    assert boss.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_every_page_stays_shut_for_who_may_not(visitor, name):
    assert visitor.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", ["item_stock", "stock_receipt_detail", "expected_receipt_detail"])
def test_what_is_not_there_is_404(boss, name):
    assert boss.get(reverse(f"stock:{name}", args=[0])).status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_overview_can_be_taken_away(boss, kind):
    balance = stock(quantity=10)

    answer = boss.get(reverse("stock:balance_list"), {"export": kind})

    content = b"".join(answer.streaming_content)
    assert content.startswith(b"PK") if kind == "xlsx" else balance.item.code.encode() in content


def test_opening_stock_is_uploaded_checked_and_stored(boss):
    stock()
    item, place = ItemFactory(), storage()
    text = f"item,warehouse,location,quantity\n{item.code},{place.warehouse.code},{place.code},4\n"

    def upload(**more):
        file = BytesIO(text.encode())
        file.name = "stock.csv"
        return boss.post(reverse("stock:stock_import"), {"file": file, **more})

    checked = upload(dry_run="on")
    assert checked.status_code == 200
    assert not Balance.objects.filter(item=item).exists()
    upload()
    assert Balance.objects.get(item=item).on_hand == 4
