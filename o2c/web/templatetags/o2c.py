"""What templates say: figures, dates, badges, icons, cells. They compute nothing."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString

from o2c.web import formats
from o2c.web.badges import Badge, state_badge
from o2c.web.icons import icon as draw_icon
from o2c.web.links import link_to
from o2c.web.refusals import linked
from o2c.web.tables.columns import amount_cell, badge_html, money_cell
from o2c.web.tables.drawing import body_of

register = template.Library()
register.filter(linked)


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """{% icon "truck" %}: an inline drawing; give the words beside it."""
    return draw_icon(name, size)


@register.simple_tag
def badge(what: Badge | models.Model, field: str = "state") -> str:
    """{% badge order %} or {% badge some_badge %}: word, icon and tone of a state."""
    return badge_html(what if isinstance(what, Badge) else state_badge(what, field))


@register.filter
def tone(level: str) -> str:
    """{{ message.level_tag|tone }}: the tone of a note; what is no success or failure informs."""
    return {"error": "danger", "warning": "attention", "success": "success"}.get(level, "info")


@register.filter
def field_shape(widget: str) -> str:
    """{{ field.widget_type|field_shape }}: the class of a field that is laid out unlike others."""
    return {"checkbox": "check", "textarea": "wide", "clearablefile": "wide"}.get(widget, "")


@register.filter
def money(amount: Any, currency: Any = "") -> str:
    """{{ order.gross|money:order.currency }}: `1,240.00 EUR`; takes a Money value alone, too."""
    if amount is None or amount == "":
        return formats.UNKNOWN
    if not currency and hasattr(amount, "currency"):
        return money_cell(amount.amount, str(amount.currency))
    return money_cell(amount, str(currency))


@register.filter
def amount(value: Decimal | None, currency: Any) -> str:
    """{{ line.net|amount:order.currency }}: the figure alone, for columns of one currency."""
    if value is None or value == "":
        return formats.UNKNOWN
    return amount_cell(value, str(currency))


@register.filter
def quantity(value: Decimal | int | None) -> str:
    """{{ line.quantity|quantity }}: `12`, `0.25`, without trailing zeros."""
    return formats.UNKNOWN if value is None else formats.number_text(value)


@register.filter
def price(value: Decimal | None) -> str:
    """{{ line.unit_price|price }}: two to six decimals."""
    return formats.UNKNOWN if value is None else formats.price_text(value)


@register.filter
def percent(value: Decimal | None) -> str:
    """{{ line.tax_percent|percent }}: `19 %`."""
    return formats.UNKNOWN if value is None else formats.percent_text(value)


@register.filter
def day(value: date | None) -> str:
    """{{ order.order_date|day }}: `21 Nov 2026`."""
    if not value:
        return formats.UNKNOWN
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.date_text(value))


@register.filter
def moment(value: datetime | None) -> str:
    """{{ event.at|moment }}: `21 Nov 2026, 14:05`."""
    if not value:
        return formats.UNKNOWN
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), formats.moment_text(value)
    )


@register.filter
def fact(value: Any) -> str:
    """{{ value|fact }}: any field's value as people read it."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    return link_to(value) if isinstance(value, models.Model) else formats.value_text(value)


@register.filter
def who(name: str | None) -> str:
    """{{ entry.recorded_by|who }}: a user's name, or `System`."""
    return formats.actor_text(name) if name else formats.UNKNOWN


@register.filter
def link(row: models.Model | None, words: str = "") -> str:
    """{{ order.customer|link }}, {{ order.customer|link:order.customer.name }}: to its page."""
    return formats.UNKNOWN if row is None else link_to(row, words)


@register.simple_tag
def table_body(grid: Any) -> SafeString:
    """The rows of a table."""
    return body_of(grid)


@register.simple_tag
def op_id() -> str:
    """A fresh operation key for a hidden field: the same form sent twice acts once."""
    return str(uuid.uuid4())
