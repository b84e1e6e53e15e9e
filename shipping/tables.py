"""The lists of the shipping desk."""

from django.utils.translation import gettext_lazy as _

from o2c.web.tables import (
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
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
from shipping.models import Return, ReturnState, Shipment, ShipmentState

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
