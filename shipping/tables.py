"""The lists of the shipping desk, and the tables of its documents' pages."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from fulfillment.tables import contents
from o2c.web.tables import (
    ChoiceColumn,
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
from shipping.models import Return, ReturnLine, ReturnState, Shipment, ShipmentState

S = ShipmentState


class ShipmentTable(Table):
    title = _("Shipments")
    model = Shipment
    new = "shipping:shipment_new"
    new_label = _("Plan a shipment")
    new_permission = "shipping.plan_shipment"
    default_sort = "-number"
    empty = _("Nothing has been packed yet.")
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        LinkColumn("order__number", _("Order"), to="order"),
        Column("customer__name", _("Customer")),
        Column(
            "ship_to_place",
            _("Ship to"),
            value=lambda row: " ".join(row.ship_to_lines[-2:]),
        ),
        NumberColumn("package_count", _("Packages"), total=True, optional=True),
        QuantityColumn("weight_kg", _("Weight, kg"), total=True, optional=True),
        Column("carrier__name", _("Carrier")),
        Column("service__name", _("Service"), optional=True),
        Column("tracking", _("Tracking")),
        DateColumn("expected_date", _("Expected")),
        MomentColumn("dispatched_at", _("Dispatched"), optional=True),
        Column("warehouse__code", _("Warehouse"), optional=True),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "order__number", "customer__name", "tracking"),
        ChoiceFilter("state", ShipmentState),
        ForeignKeyFilter("carrier"),
        ForeignKeyFilter("warehouse"),
        DateFilter("expected_date"),
        DateFilter("dispatched_at"),
    ]
    tabs = [
        Tab("to_ship", _("To ship"), lambda rows: rows.filter(state=S.PLANNED)),
        Tab("on_its_way", _("On its way"), lambda rows: rows.filter(state=S.DISPATCHED)),
        Tab("delivered", _("Delivered"), lambda rows: rows.filter(state=S.DELIVERED)),
        Tab("all", _("All")),
    ]


class ReturnTable(Table):
    title = _("Returns")
    model = Return
    default_sort = "-number"
    empty = _("Nothing has come back. A return is announced on the shipment it belongs to.")
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        LinkColumn("shipment__number", _("Shipment"), to="shipment"),
        LinkColumn("order__number", _("Order"), to="order"),
        Column("customer__name", _("Customer")),
        NumberColumn("line_count", _("Lines")),
        Column("reason", _("Reason")),
        MomentColumn("created_at", _("Announced")),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "shipment__number", "order__number", "customer__name", "reason"),
        ChoiceFilter("state", ReturnState),
        DateFilter("created_at", _("Announced")),
    ]
    tabs = [
        Tab("expected", _("Expected"), lambda rows: rows.filter(state=ReturnState.ANNOUNCED)),
        Tab("received", _("Received"), lambda rows: rows.filter(state=ReturnState.RECEIVED)),
        Tab("all", _("All")),
    ]


class ShippedLines(DetailTable):
    title = _("Shipped")
    columns = [
        LinkColumn("item__code", _("Item"), to="item"),
        Column("order_line__description", _("Description"), wide=True),
        QuantityColumn("quantity", _("Shipped"), unit="item__unit__sign"),
        QuantityColumn("refused", _("Refused"), sparse=True),
        QuantityColumn("announced", _("On its way back"), sparse=True),
        QuantityColumn("returned", _("Returned"), sparse=True),
        QuantityColumn("invoiced", _("Billed")),
    ]


class Packages(DetailTable):
    title = _("Packages")
    columns = [
        Column("package__number", _("Number")),
        Column("contents", _("Contents"), value=lambda packed: contents(packed.lines), wide=True),
        QuantityColumn("package__weight_kg", _("Weight, kg")),
        Column("package__sscc", _("SSCC"), sparse=True),
    ]


class AcceptedLines(DetailTable):
    title = _("Accepted")
    columns = [
        LinkColumn("line__item__code", _("Item"), to="line__item"),
        QuantityColumn("accepted", _("Accepted"), unit="line__item__unit__sign"),
        QuantityColumn("refused", _("Refused")),
        Column("reason", _("Why not all"), wide=True, sparse=True),
    ]


class ReturnsOfShipment(DetailTable):
    title = _("Returns")
    columns = [
        LinkColumn("number", _("Number")),
        StateColumn(),
        Column("reason", _("Reason"), wide=True),
    ]


class ReturnLines(DetailTable):
    title = _("Lines")
    columns = [
        LinkColumn("shipment_line__item__code", _("Item"), to="shipment_line__item"),
        Column("shipment_line__order_line__description", _("Description"), wide=True),
        QuantityColumn("quantity", _("Announced"), unit="shipment_line__item__unit__sign"),
        QuantityColumn("received", _("Received"), value=lambda line: _received(line)),
        ChoiceColumn("disposition", _("What becomes of it"), sparse=True),
        Column("location__code", _("Location"), sparse=True),
        Column("reason", _("Remark"), wide=True, sparse=True),
    ]


def _received(line: ReturnLine) -> Decimal | None:
    """What came; unknown until it did."""
    is_here = line.goods_return.state == ReturnState.RECEIVED
    return line.received if is_here else None
