"""The warehouse's lists, and the tables of a pick list's page."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from fulfillment.models import Package, PackageLine, PickLine, PickList, PickListState, ShortReason
from o2c.masters.models import Item
from o2c.web.formats import NO_BREAK_SPACE, number_text
from o2c.web.tables import (
    ActorColumn,
    BooleanColumn,
    BooleanFilter,
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
    DetailTable,
    ForeignKeyFilter,
    LinkColumn,
    MomentColumn,
    NumberColumn,
    QuantityColumn,
    SearchFilter,
    StateColumn,
    Tab,
    Table,
)
from orders.models import OrderLine

_MOST_CONTENTS = 50

S = PickListState


class PickListTable(Table):
    title = _("Pick lists")
    model = PickList
    default_sort = "-number"
    empty = _("No order has been planned yet. A released order with goods on stock gets a list.")
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        LinkColumn("order__number", _("Order"), to="order"),
        Column("order__customer__name", _("Customer")),
        Column("warehouse__code", _("Warehouse"), optional=True),
        NumberColumn("stops", _("Stops")),
        NumberColumn("stops_done", _("Done")),
        NumberColumn("short_stops", _("Short"), optional=True),
        QuantityColumn("weight_kg", _("Weight, kg")),
        DateColumn("order__promised_date", _("Promised")),
        Column("picker", _("Picker")),
        MomentColumn("created_at", _("Planned"), optional=True),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "order__number", "order__customer__name", "picker"),
        ChoiceFilter("state", PickListState),
        ForeignKeyFilter("warehouse"),
        DateFilter("order__promised_date", _("Promised")),
    ]
    tabs = [
        Tab("to_pick", _("To pick"), lambda rows: rows.filter(state__in=[S.PLANNED, S.PICKING])),
        Tab("to_pack", _("To pack"), lambda rows: rows.filter(state=S.PICKED)),
        Tab("packed", _("Packed"), lambda rows: rows.filter(state=S.PACKED)),
        Tab("all", _("All")),
    ]


class PackageTable(Table):
    title = _("Packages")
    model = Package
    default_sort = "-number"
    empty = _("Nothing has been packed yet.")
    columns = [
        Column("number", _("Number"), sort="pk"),
        LinkColumn("pick_list__number", _("Pick list"), to="pick_list", sort="pick_list_id"),
        LinkColumn("pick_list__order__number", _("Order"), to="pick_list__order", sort=False),
        Column("pick_list__order__customer__name", _("Customer")),
        QuantityColumn("weight_kg", _("Weight, kg"), total=True),
        Column("sscc", "SSCC"),
        BooleanColumn("unpacked", _("Opened again")),
        MomentColumn("created_at", _("Packed")),
        ActorColumn("created_by", _("Packed by")),
    ]
    filters = [
        SearchFilter("number", "sscc", "pick_list__number", "pick_list__order__number"),
        BooleanFilter("unpacked", _("Opened again")),
        DateFilter("created_at", _("Packed")),
    ]


class BackorderTable(Table):
    title = _("Backorders")
    model = OrderLine
    default_sort = "order__number"
    empty = _("Nobody waits for goods.")
    columns = [
        LinkColumn("order__number", _("Order"), to="order", sort="order_id"),
        NumberColumn("line_number", _("Line"), optional=True),
        Column("order__customer__name", _("Customer")),
        LinkColumn("item__code", _("Item"), to="item"),
        Column("description", _("Description")),
        QuantityColumn("quantity", _("Ordered")),
        QuantityColumn("shipped", _("Shipped")),
        QuantityColumn("reserved", _("Reserved")),
        QuantityColumn("backordered", _("Waits for")),
        Column("item__unit__code", _("Unit"), optional=True),
        DateColumn("promised_date", _("Promised")),
    ]
    filters = [
        SearchFilter("order__number", "order__customer__name", "item__code", "description"),
        ForeignKeyFilter("item"),
        DateFilter("promised_date"),
    ]

    @classmethod
    def view_permission(cls) -> str:
        return "fulfillment.view_fulfillment"


class CountRequestTable(Table):
    title = _("To be counted")
    model = PickLine
    detail = ""
    default_sort = "short_at"
    empty = _("Nothing was found short since the last counts.")
    columns = [
        LinkColumn("pick_list__number", _("Pick list"), to="pick_list", sort="pick_list_id"),
        Column("location__warehouse__code", _("Warehouse")),
        Column("location__code", _("Location")),
        LinkColumn("item__code", _("Item"), to="item"),
        QuantityColumn("missing", _("Missing")),
        Column("short_reason", _("Because"), value=lambda row: row.get_short_reason_display()),
        MomentColumn("short_at", _("Since")),
    ]
    filters = [
        SearchFilter("pick_list__number", "location__code", "item__code"),
        ChoiceFilter("short_reason", ShortReason, _("Because")),
        ForeignKeyFilter("location__warehouse", _("Warehouse")),
    ]

    @classmethod
    def view_permission(cls) -> str:
        return "fulfillment.view_fulfillment"


class Stops(DetailTable):
    title = _("Stops in walking order")
    names_row = "location__code"
    columns = [
        NumberColumn("sequence", _("Stop")),
        Column("location__code", _("Location")),
        LinkColumn("item__code", _("Item"), to="item"),
        Column("order_line__description", _("Description"), wide=True),
        Column("balance__lot", _("Lot"), sparse=True),
        QuantityColumn("quantity", _("To pick"), unit="item__unit__sign"),
        QuantityColumn("picked", _("Picked"), value=lambda line: _picked(line)),
        Column("short", _("Short because"), value=lambda line: _why_short(line), sparse=True),
    ]


def _picked(line: PickLine) -> Decimal | None:
    """What was taken; unknown until somebody was there."""
    return line.picked if line.is_done or line.picked else None


def _why_short(line: PickLine) -> str:
    if line.short_reason:
        return line.get_short_reason_display()
    return "" if line.quantity else _now("Called off")


class PackedHere(DetailTable):
    title = _("Packages")
    columns = [
        Column("number", _("Number")),
        Column("contents", _("Contents"), value=lambda one: contents(one.lines.all()), wide=True),
        QuantityColumn("weight_kg", _("Weight, kg")),
        Column("sscc", _("SSCC"), sparse=True),
        Column(
            "unpacked",
            _("Remark"),
            value=lambda one: _now("opened again") if one.unpacked else "",
            sparse=True,
        ),
    ]


def contents(lines: Collection[PackageLine]) -> str:
    """What is in a package, a line each: `2 pc TBW-10 Bowl Flut, white`, as HTML.

    Of a large package the first lines; its packing slip has them all.
    """
    picked = [(line.quantity, line.pick_line.item) for line in list(lines)[:_MOST_CONTENTS]]
    rest = len(lines) - len(picked)
    more = (
        format_html("<div>{}</div>", _now("and %(count)s more") % {"count": rest}) if rest else ""
    )
    return _listed(picked) + more


def _listed(picked: Iterable[tuple[Decimal, Item]]) -> SafeString:
    return format_html_join(
        "",
        "<div>{}{}{} {} {}</div>",
        (
            (number_text(quantity), NO_BREAK_SPACE, item.unit.sign, item.code, item.name)
            for quantity, item in picked
        ),
    )
