"""The list of orders, and the lines on an order's page."""

from collections.abc import Sequence

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from o2c.core.money import TaxLine
from o2c.web.formats import amount_text, percent_text
from o2c.web.tables import (
    ActorColumn,
    AmountColumn,
    ChoiceColumn,
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
    DetailTable,
    ForeignKeyFilter,
    LinkColumn,
    MoneyColumn,
    NumberColumn,
    PercentColumn,
    PriceColumn,
    QuantityColumn,
    SearchFilter,
    StateColumn,
    Sum,
    Tab,
    Table,
    TemplateColumn,
)
from orders.models import Channel, Order, OrderQuerySet, OrderState
from orders.queries import LineView, review_count


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
        ChoiceColumn("channel", _("Channel"), sort=False, optional=True),
        Column("warehouse__name", _("Warehouse"), optional=True),
        ActorColumn("created_by", _("Entered by"), optional=True),
        Column("review", _("To review"), value=review_count, of=["review_notes"]),
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


#: Not confirmed yet: what it promises is decided then.
_UNCONFIRMED = (OrderState.DRAFT, OrderState.SUBMITTED)


class OrderLines(DetailTable):
    title = _("Lines")
    names_row = "line__item__code"
    columns = [
        NumberColumn("line__line_number", _("No.")),
        LinkColumn("line__item__code", _("Item"), to="line__item"),
        TemplateColumn("description", _("Description"), "orders/_described.html"),
        QuantityColumn("line__quantity", _("Ordered"), unit="line__unit__sign"),
        PriceColumn("line__unit_price", _("Price"), per="line__price_per"),
        PercentColumn("line__discount_percent", _("Discount"), sparse=True),
        PercentColumn("line__tax_percent", _("Tax")),
        AmountColumn("line__net", _("Net")),
        Column("promise", _("Promised"), value=lambda row: _promise(row)),
        TemplateColumn("progress", _("Progress"), "orders/_progress.html"),
    ]


def _promise(row: LineView) -> str:
    is_unconfirmed = row.line.order.state in _UNCONFIRMED
    return row.promise or (_now("when confirmed") if is_unconfirmed else "")


def sums_of(order: Order, tax_lines: Sequence[TaxLine]) -> list[Sum]:
    """The rows below an order's lines: discount, net, tax by rate, total, in its currency."""
    contained = Sum(
        _("Discount on the whole order, contained"), {"line__net": order.discount_amount}
    )
    taxes = [
        Sum(
            _now("Tax %(percent)s (%(category)s)")
            % {"percent": percent_text(tax.percent), "category": tax.category},
            {
                "line__net": tax.tax,
                "promise": _now("on %(base)s") % {"base": amount_text(tax.base, order.currency)},
            },
        )
        for tax in tax_lines
    ]
    return [
        *([contained] if order.discount_amount else []),
        Sum(_("Net"), {"line__net": order.net}),
        *taxes,
        Sum(_("Total"), {"line__net": order.gross}),
    ]
