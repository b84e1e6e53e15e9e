"""The list of orders."""

from django.utils.translation import gettext_lazy as _

from o2c.web.tables import (
    ActorColumn,
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
    ForeignKeyFilter,
    LinkColumn,
    MoneyColumn,
    NumberColumn,
    SearchFilter,
    StateColumn,
    Tab,
    Table,
)
from orders.models import Channel, Order, OrderQuerySet, OrderState
from orders.queries import review_count


class OrderTable(Table):
    title = _("Orders")
    model = Order
    detail = "orders:order_detail"
    new = "orders:order_new"
    new_label = _("New order")
    new_permission = "orders.capture_order"
    imports = "orders:order_import"
    default_sort = "-number"
    empty = _("No orders yet.")
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        LinkColumn("customer__name", _("Customer"), to="customer"),
        Column("customer_reference", _("Their number")),
        DateColumn("order_date", _("Ordered")),
        DateColumn("requested_date", _("Requested"), optional=True),
        DateColumn("promised_date", _("Promised")),
        MoneyColumn("gross", _("Total"), currency="currency"),
        MoneyColumn("net", _("Net"), currency="currency", optional=True),
        NumberColumn("line_count", _("Lines"), optional=True),
        Column("channel", _("Channel"), value=Order.get_channel_display, optional=True),
        Column("warehouse__name", _("Warehouse"), optional=True),
        ActorColumn("created_by", _("Entered by"), optional=True),
        Column("review", _("To review"), value=lambda order: review_count(order.review_notes)),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "customer_reference", "customer__name", "customer__code",
                     amounts=("gross",)),
        ChoiceFilter("state", OrderState),
        DateFilter("order_date"),
        DateFilter("promised_date"),
        ForeignKeyFilter("customer"),
        ChoiceFilter("channel", Channel),
    ]  # fmt: skip
    tabs = [
        Tab("open", _("Open"), OrderQuerySet.open),  # type: ignore[arg-type]  # own queryset
        Tab("review", _("Needs review"), OrderQuerySet.needing_review),  # type: ignore[arg-type]
        Tab(
            "confirm",
            _("To confirm"),
            lambda orders: orders.filter(state=OrderState.SUBMITTED),
        ),
        Tab("held", _("On hold"), lambda orders: orders.filter(state=OrderState.ON_HOLD)),
        Tab("all", _("All")),
    ]
