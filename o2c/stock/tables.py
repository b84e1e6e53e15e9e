"""The lists of the goods book."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from o2c.core.addresses import row_address
from o2c.masters.models import LocationKind
from o2c.stock.models import (
    TO_COME,
    Balance,
    ExpectedReceipt,
    Move,
    MoveKind,
    StockAdjustment,
    StockCount,
    StockReceipt,
    StockTransfer,
)
from o2c.web.formats import date_text
from o2c.web.sources import SourceColumn
from o2c.web.tables import (
    ActorColumn,
    BooleanFilter,
    ChoiceColumn,
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
    DetailTable,
    ForeignKeyFilter,
    LinkColumn,
    MomentColumn,
    MoneyColumn,
    PriceColumn,
    QuantityColumn,
    SearchFilter,
    Tab,
    Table,
)
from o2c.web.tables.paths import follow


class ItemColumn(Column):
    """An item's code, leading to its stock page."""

    def show(self, row: Any, table: Any) -> str:
        item = follow(row, self.key.rpartition("__")[0])
        url = row_address("stock:item_stock", item.pk)
        return format_html('<a href="{}">{}</a>', url, item.code)


class BalanceTable(Table):
    title = _("Stock")
    model = Balance
    default_sort = "item__code"
    empty = _("Nothing lies on stock yet. Receive goods, or import what you have.")
    columns = [
        ItemColumn("item__code", _("Item")),
        Column("item__name", _("Name")),
        Column("location__warehouse__code", _("Warehouse")),
        Column("location__code", _("Location")),
        Column("lot", _("Lot"), optional=True),
        ChoiceColumn("location__kind", _("Kind of place"), optional=True),
        QuantityColumn("on_hand", _("On hand")),
        QuantityColumn("reserved", _("Reserved")),
        QuantityColumn("free_quantity", _("Available")),
        Column("item__unit__sign", _("Unit"), sort=False),
        MoneyColumn("value", _("Value"), currency="base_currency"),
    ]
    filters = [
        SearchFilter("item__code", "item__name", "item__barcode", "location__code", "lot"),
        ForeignKeyFilter("location__warehouse", _("Warehouse")),
        ChoiceFilter("location__kind", LocationKind, _("Kind of place")),
    ]
    tabs = [
        Tab("all", _("All")),
        Tab("reserved", _("Reserved"), lambda rows: rows.filter(reserved__gt=0)),
        Tab("free", _("Available"), lambda rows: rows.filter(free_quantity__gt=0)),
    ]


class MoveTable(Table):
    title = _("Stock moves")
    model = Move
    columns = [
        MomentColumn("moved_at", _("When"), sort="pk"),
        ChoiceColumn("kind", _("Kind")),
        SourceColumn("source", _("Document")),
        Column("balance__location__warehouse__code", _("Warehouse"), optional=True),
        Column("balance__location__code", _("Location")),
        Column("balance__lot", _("Lot"), optional=True),
        QuantityColumn("quantity", _("Quantity")),
        QuantityColumn("on_hand_after", _("On hand there"), sort=False),
        PriceColumn("unit_cost", _("Unit cost")),
        MoneyColumn("value", _("Value"), currency="base_currency"),
        ActorColumn("moved_by", _("By"), optional=True),
    ]
    filters = [
        ChoiceFilter("kind", MoveKind),
        DateFilter("moved_at", _("When")),
        ForeignKeyFilter("balance__location__warehouse", _("Warehouse")),
    ]


class _DocumentTable(Table):
    """What the lists of receipts, transfers, adjustments and counts have in common."""

    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        DateColumn("moved_on", _("Date")),
        Column("warehouse__code", _("Warehouse")),
        Column("reason", _("Reason")),
        ActorColumn("created_by", _("By")),
    ]
    filters = [
        SearchFilter("number", "reason", "reference"),
        DateFilter("moved_on"),
        ForeignKeyFilter("warehouse"),
    ]


class StockReceiptTable(_DocumentTable):
    title = _("Goods receipts")
    model = StockReceipt
    new, new_label, new_permission = "stock:stock_receipt_new", _("Receive"), "stock.receive_goods"
    imports = "stock:stock_import"
    columns = [
        *_DocumentTable.columns[:3],
        Column("reference", _("Delivery note")),
        *_DocumentTable.columns[4:],
    ]


class StockTransferTable(_DocumentTable):
    title = _("Stock transfers")
    model = StockTransfer
    new, new_permission = "stock:stock_transfer_new", "stock.transfer_stock"
    new_label = _("Transfer")


class StockAdjustmentTable(_DocumentTable):
    title = _("Stock adjustments")
    model = StockAdjustment
    new, new_permission = "stock:stock_adjustment_new", "stock.adjust_stock"
    new_label = _("Adjust")


class StockCountTable(_DocumentTable):
    title = _("Stock counts")
    model = StockCount
    new, new_permission = "stock:stock_count_new", "stock.count_stock"
    new_label = _("Count")
    columns = [
        *_DocumentTable.columns[:3],
        Column("location__code", _("Location")),
        *_DocumentTable.columns[3:],
    ]


class ExpectedReceiptTable(Table):
    title = _("Expected goods")
    model = ExpectedReceipt
    default_sort = "expected_date"
    detail = "stock:expected_receipt_detail"
    new, new_permission = "stock:expected_receipt_new", "stock.receive_goods"
    columns = [
        LinkColumn("reference", _("Reference")),
        DateColumn("expected_date", _("Expected on")),
        ItemColumn("item__code", _("Item")),
        Column("item__name", _("Name")),
        Column("warehouse__code", _("Warehouse")),
        QuantityColumn("quantity", _("Announced")),
        QuantityColumn("received", _("Received")),
        QuantityColumn("outstanding", _("To come"), value=lambda row: row.outstanding),
    ]
    filters = [
        SearchFilter("reference", "item__code", "item__name"),
        DateFilter("expected_date"),
        ForeignKeyFilter("warehouse"),
        BooleanFilter("cancelled"),
    ]
    tabs = [
        Tab("open", _("To come"), lambda rows: rows.filter(TO_COME)),
        Tab("all", _("All")),
    ]


class Places(DetailTable):
    """Where an item lies."""

    title = _("Places")
    sums = True
    columns = [
        Column("location", _("Location"), value=lambda place: place_words(place)),
        ChoiceColumn("location__kind", _("Kind of place")),
        Column("lot", _("Lot"), sparse=True),
        QuantityColumn("on_hand", _("On hand"), total=True),
        QuantityColumn("reserved", _("Reserved"), total=True),
        QuantityColumn("free_quantity", _("Available"), total=True),
        MoneyColumn("value", _("Value"), currency="base_currency"),
    ]


def place_words(balance: Balance) -> str:
    return f"{balance.location.warehouse.code} {balance.location.code}"


class Holders(DetailTable):
    """For whom an item is set aside: pairs of the document as a link, and the reservation."""

    title = _("Reserved for")
    sums = True
    columns = [
        Column("document", _("Document"), value=lambda pair: pair[0]),
        Column("location", _("Location"), value=lambda pair: place_words(pair[1].balance)),
        QuantityColumn("quantity", _("Quantity"), value=lambda pair: pair[1].quantity, total=True),
        MomentColumn("reserved_at", _("Since"), value=lambda pair: pair[1].reserved_at),
    ]


class Coming(DetailTable):
    title = _("Expected")
    sums = True
    columns = [
        LinkColumn("day", _("Expected on"), value=lambda one: date_text(one.expected_date)),
        QuantityColumn("outstanding", _("To come"), total=True),
        Column("reference", _("Reference"), wide=True),
    ]


class DocumentMoves(DetailTable):
    """What a receipt, transfer, adjustment or count moved."""

    title = _("Moves")
    empty = _("Nothing had to be moved.")
    sums = True
    columns = [
        ItemColumn("balance__item__code", _("Item")),
        Column("balance__item__name", _("Name"), wide=True),
        Column("balance__location__code", _("Location")),
        Column("balance__lot", _("Lot"), sparse=True),
        QuantityColumn("quantity", _("Quantity"), unit="balance__item__unit__sign"),
        PriceColumn("unit_cost", _("Unit cost")),
        MoneyColumn("value", _("Value"), currency="base_currency"),
    ]


class CountedLines(DetailTable):
    title = _("Counted")
    columns = [
        ItemColumn("balance__item__code", _("Item")),
        Column("balance__item__name", _("Name"), wide=True),
        Column("balance__lot", _("Lot"), sparse=True),
        QuantityColumn("expected", _("On the book"), unit="balance__item__unit__sign"),
        QuantityColumn("counted", _("Found")),
        QuantityColumn("difference", _("Difference")),
    ]
