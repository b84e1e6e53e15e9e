"""What the pages of orders ask for."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from o2c.core.days import DayKind
from o2c.core.money import ZERO, round_to
from o2c.masters.models import Currency, Customer, Warehouse
from o2c.web.code_fields import TypedCodeField
from o2c.web.forms import (
    CodeField,
    DayField,
    Form,
    ReasonForm,
    TextField,
    amount_field,
    keep_choice,
    lines_of,
    percent_field,
    price_field,
    quantity_field,
)
from orders.models import Order, OrderLine, OrderState
from orders.rules.drafts import HEAD_FIELDS, LineChange, LineDraft, OrderDraft, head_of

#: The one list of item codes on the page that every row's box suggests from.
ITEM_CODES = "item-codes"
BLANK_ROWS = 5


class OrderForm(Form):
    """The head of an order. What is left empty comes from the customer."""

    customer = CodeField(
        Customer._default_manager.filter(active=True),
        label=_("Customer"),
        suggest=200,
    )
    customer_reference = TypedCodeField(
        label=_("Customer's order number"), max_length=64, required=False
    )
    ship_to = TypedCodeField(
        label=_("Delivery address"),
        max_length=40,
        required=False,
        help_text=_("Code of one of the customer's addresses. Empty: the default one."),
    )
    order_date = DayField(
        kind=DayKind.PAST,
        label=_("Ordered on"),
        required=False,
        help_text=_("Prices and exchange rate are those of this day. Empty: today."),
    )
    requested_date = DayField(kind=DayKind.PLANNED, label=_("Requested for"), required=False)
    warehouse = CodeField(
        Warehouse._default_manager.filter(active=True),
        label=_("Warehouse"),
        required=False,
        help_text=_("Empty: the first one."),
    )
    currency = CodeField(
        Currency._default_manager.filter(active=True),
        label=_("Currency"),
        required=False,
        help_text=_("Empty: the customer's own."),
    )
    discount_amount = amount_field(
        label=_("Discount on the whole order"),
        min_value=0,
        required=False,
        help_text=_("An amount in the order's currency, shared among the lines."),
    )
    note = TextField(label=_("Note"), max_length=2000, lines=True, required=False)
    then = forms.ChoiceField(
        label=_("After saving"),
        choices=[
            ("draft", _("Keep it as a draft")),
            ("submit", _("Hand it in for review")),
            ("confirm", _("Confirm it")),
        ],
        initial="confirm",
    )


class EditForm(OrderForm):
    """The head of a draft that is changed; refused when somebody else changed it meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def build(self) -> None:
        for name in ("customer", "warehouse", "currency"):
            keep_choice(self.fields[name], self.initial.get(name))


class LineForm(Form):
    """One row of the grid. A row with neither item nor quantity does not count."""

    item = TypedCodeField(
        label=_("Item"),
        max_length=40,
        widget=forms.TextInput(attrs={"list": ITEM_CODES, "autocomplete": "off"}),
    )
    quantity = quantity_field(label=_("Quantity"))
    unit = TypedCodeField(label=_("Unit"), max_length=40, required=False)
    unit_price = price_field(label=_("Other price"), required=False)
    price_reason = TextField(label=_("Why"), max_length=200, required=False)
    discount_percent = percent_field(label=_("Discount, %"), required=False)
    requested_date = DayField(kind=DayKind.PLANNED, label=_("Requested for"), required=False)
    description = TextField(label=_("Own words"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        return {**self.cleaned_data, "row": row_of(self)}


class AmendLineForm(LineForm):
    """One row of a confirmed order, or a new one. Quantity 0 cancels the line."""

    line_id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    unit = None  # type: ignore[assignment]  # amended lines keep the stock unit
    description = None  # type: ignore[assignment]  # and their words


class AmendForm(Form):
    """Why an order is changed, and which version of it was looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = TextField(label=_("Reason"), max_length=200)


class HoldForm(ReasonForm):
    """Why an order is stopped."""


LineFormSet = lines_of(LineForm, extra=BLANK_ROWS)
AmendFormSet = lines_of(AmendLineForm, can_delete=False)


def row_of(form: forms.BaseForm) -> int:
    """Where a row stands in its grid, counted from 0, so that refusals find it again."""
    last = str(form.prefix).rpartition("-")[2]
    return int(last) if last.isdigit() else 0


def draft_of(cleaned: dict[str, Any], ship_to_id: int | None) -> OrderDraft:
    """The order as typed."""
    warehouse, currency = cleaned.get("warehouse"), cleaned.get("currency")
    rows = {
        "customer": cleaned["customer"].pk,
        "ship_to": ship_to_id,
        "warehouse": warehouse and warehouse.pk,
        "currency": currency and currency.code,
    }
    lines = [line_draft(line) for line in cleaned["lines"]]
    return OrderDraft(**head_of({**cleaned, **rows}), lines=lines)


def line_draft(line: dict[str, Any]) -> LineDraft:
    """One row as typed."""
    return LineDraft(
        item=line["item"],
        quantity=line["quantity"],
        unit=line.get("unit", ""),
        unit_price=line.get("unit_price"),
        price_reason=line.get("price_reason", ""),
        discount_percent=line.get("discount_percent") or ZERO,
        requested_date=line.get("requested_date"),
        description=line.get("description", ""),
        row=line["row"],
    )


def line_change(line: dict[str, Any]) -> LineChange:
    """One row of an amendment as typed; what it only repeats, the command leaves alone.

    A discount that is cleared is taken away.
    """
    line_id, discount = line.get("line_id"), line.get("discount_percent")
    return LineChange(
        line_id=line_id,
        item=line["item"],
        quantity=line["quantity"],
        unit_price=line.get("unit_price"),
        price_reason=line.get("price_reason", ""),
        discount_percent=ZERO if line_id and discount is None else discount,
        requested_date=line.get("requested_date"),
        row=line["row"],
    )


def head_initial(order: Order) -> dict[str, Any]:
    """The head of an existing order, as it would be typed."""
    return {
        **{field.name: getattr(order, field.attribute) for field in HEAD_FIELDS},
        "ship_to": order.ship_to.code,
        "discount_amount": order.discount_amount or None,
        "version": order.version,
        "then": "draft" if order.state == OrderState.DRAFT else "submit",
    }


def copied_head(order: Order) -> dict[str, Any]:
    """What the copy of an order starts with."""
    head = head_initial(order)
    return {field.name: head[field.name] for field in HEAD_FIELDS if field.is_copied}


def copied_line(line: OrderLine, today: date) -> dict[str, Any]:
    """A row of a copied order; a day that has passed is not asked for again."""
    row = line_initial(line)
    has_passed = row["requested_date"] is not None and row["requested_date"] < today
    return {**row, "requested_date": None} if has_passed else row


def line_initial(line: OrderLine) -> dict[str, Any]:
    """A row of an existing order, as it would be typed.

    List prices and the discounts of lists are left to the lists.
    """
    steps = {step["step"]: step for step in line.price_steps}
    manual, discount = steps.get("manual"), steps.get("line_discount")
    quantity, unit, price = _as_ordered(line)
    return {
        "item": line.item.code,
        "quantity": quantity,
        "unit": unit,
        "unit_price": manual and price,
        "price_reason": manual["reason"] if manual else "",
        "discount_percent": Decimal(discount["percent"]) if discount else None,
        "requested_date": line.requested_date,
        "description": line.description if line.description != line.item.name else "",
    }


def _as_ordered(line: OrderLine) -> tuple[Decimal, str, Decimal]:
    """Quantity, unit and price in the unit ordered, or in the stock unit.

    The quantity of an amended line may be no whole number of the unit ordered.
    """
    ordered = round_to(line.quantity / line.price_per, 3)
    if line.price_unit is None:
        return line.quantity, "", line.unit_price
    if ordered * line.price_per == line.quantity:
        return ordered, line.price_unit.code, line.unit_price
    return line.quantity, "", round_to(line.unit_price / line.price_per, 6)


def amend_initial(line: OrderLine) -> dict[str, Any]:
    """A row of a promised order: what is wanted of it at which price."""
    return {
        "line_id": line.pk,
        "item": line.item.code,
        "quantity": line.wanted_quantity,
        "unit_price": line.unit_price,
        "discount_percent": line.discount_percent or None,
        "requested_date": line.requested_date,
    }
