"""Columns: how one figure of a row is found, shown, sorted, summed and exported."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db import models
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from o2c.core.addresses import row_address
from o2c.web.badges import state_badge
from o2c.web.formats import (
    NO_BREAK_SPACE,
    UNKNOWN,
    actor_text,
    amount_text,
    date_text,
    moment_text,
    number_text,
    percent_text,
    price_text,
)
from o2c.web.icons import icon
from o2c.web.links import link_to
from o2c.web.tables.filing import Filing, choice_filing, filing_of
from o2c.web.tables.paths import field_at, follow

STATE = gettext_lazy("State")


class Column:
    """A column of text. `key` is its name in the URL and, unless `value` is given, its path.

    A path is a field or annotation, through foreign keys by `__`. `value` computes the cell
    from the row in memory, or from what stands at the paths `of`, which spares a file the rows.
    `sort` is a path to order by instead of the key; False forbids it.
    `optional` columns of a list are off until the reader asks for them. In a `sparse` column
    nothing and zero are a dash, and a detail table none of whose rows fills it leaves it out.
    A `wide` one takes the whole width of the card that a row of a detail table is on a phone.
    """

    css = ""
    total = False
    currency = ""

    def __init__(
        self,
        key: str,
        label: str | Promise,
        *,
        value: Callable[..., Any] | None = None,
        of: Sequence[str] = (),
        sort: str | bool = True,
        optional: bool = False,
        sparse: bool = False,
        wide: bool = False,
    ) -> None:
        self.key = key
        self.label = label
        self.value = value
        self.of = of
        self.optional = optional
        self.sparse = sparse
        self.css = f"{self.css} wide".strip() if wide else self.css
        self.sort_path = self._sort_path(sort)

    def _sort_path(self, sort: str | bool) -> str:
        if isinstance(sort, str):
            return sort
        return self.key if sort and self.value is None else ""

    def read_ahead(self, rows: Sequence[Any]) -> None:
        """Read at once what the cells of all these rows need beside the rows; mostly nothing."""

    def raw(self, row: Any) -> Any:
        """The value itself: what an export writes."""
        if self.value is None:
            return follow(row, self.key)
        return self.value(*(follow(row, path) for path in self.of)) if self.of else self.value(row)

    def show(self, row: Any, table: Any) -> str:
        """The cell as HTML."""
        raw = self.raw(row)
        return UNKNOWN if self.is_empty(raw) else self.text(raw, row)

    def is_empty(self, raw: Any) -> bool:
        """Whether a dash stands for it."""
        return raw is None or raw == "" or (self.sparse and not raw)

    def head(self, table: Any) -> str:
        """The words above the column."""
        return str(self.label)

    def below(self, figure: Any, table: Any) -> str:
        """A figure of a row of sums, as HTML."""
        return self.text(figure, None)

    def summed(self, rows: Sequence[Any], table: Any) -> list[str]:
        """The sums of these rows as HTML, one for each currency; none where nothing is summed."""
        return []

    def text(self, raw: Any, row: Any) -> str:
        """A value that is there, as text."""
        return str(raw)

    def export_labels(self) -> list[str]:
        """The heads of this column in a file."""
        return [str(self.label)]

    def exported(self, row: Any) -> list[Any]:
        """The cells of this column in a file: Decimal, date, datetime, int, bool, str or None."""
        return [_plain(self.raw(row))]

    def filing(self, model: type[models.Model]) -> Filing | None:
        """How `exported` is made from values instead of a row of model; None: it needs the row."""
        value = self.value
        if value is None:
            return filing_of(model, self.key)
        return Filing(self.of, lambda *raws: [_plain(value(*raws))]) if self.of else None


class LinkColumn(Column):
    """The column that opens the row: its own page, or the object at path `to`."""

    css = "identifier"

    def __init__(self, key: str, label: str | Promise, *, to: str = "", **kwargs: Any) -> None:
        super().__init__(key, label, **kwargs)
        self.to = to
        if to:
            self.css = ""

    def show(self, row: Any, table: Any) -> str:
        raw = self.raw(row)
        target = follow(row, self.to) if self.to else row
        if target is None:
            return UNKNOWN
        words = str(raw or _("without number"))
        if table.detail and not self.to:
            return format_html('<a href="{}">{}</a>', row_address(table.detail, row.pk), words)
        return link_to(target, words)


class NumberColumn(Column):
    """A plain number, right-aligned."""

    css = "num"

    def __init__(
        self, key: str, label: str | Promise, *, total: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(key, label, **kwargs)
        self.total = total

    def text(self, raw: Any, row: Any) -> str:
        return number_text(raw)

    def summed(self, rows: Sequence[Any], table: Any) -> list[str]:
        figures = [raw for raw in map(self.raw, rows) if raw is not None]
        return [self.below(sum(figures, Decimal()), table)] if self.total and figures else []


class QuantityColumn(NumberColumn):
    """A quantity; not summed unless asked, since items have different units.

    `unit` is the path of what is written behind it: `24 pc`.
    """

    def __init__(self, key: str, label: str | Promise, *, unit: str = "", **kwargs: Any) -> None:
        super().__init__(key, label, **kwargs)
        self.unit = unit

    def text(self, raw: Any, row: Any) -> str:
        figure = number_text(raw)
        return f"{figure}{NO_BREAK_SPACE}{follow(row, self.unit)}" if self.unit else figure


class PriceColumn(NumberColumn):
    """A unit price with two to six decimals; `per` is the path of how many units it is for."""

    def __init__(self, key: str, label: str | Promise, *, per: str = "", **kwargs: Any) -> None:
        super().__init__(key, label, **kwargs)
        self.per = per

    def text(self, raw: Any, row: Any) -> str:
        units = follow(row, self.per) if self.per else 1
        if units == 1:
            return price_text(raw)
        words = _("per %(units)s") % {"units": number_text(units)}
        return format_html('{} <span class="small muted">{}</span>', price_text(raw), words)


class PercentColumn(NumberColumn):
    """19 means 19 %."""

    def text(self, raw: Any, row: Any) -> str:
        return percent_text(raw)


class ChoiceColumn(Column):
    """A field with choices, in words."""

    def raw(self, row: Any) -> Any:
        path, _sep, field = self.key.rpartition("__")
        owner = follow(row, path) if path else row
        return getattr(owner, f"get_{field}_display")() if owner is not None else None

    def filing(self, model: type[models.Model]) -> Filing | None:
        return choice_filing(model, self.key)


class MoneyColumn(NumberColumn):
    """An amount in the currency found at path `currency`; summed per currency, never across."""

    css = "num money"

    def __init__(
        self,
        key: str,
        label: str | Promise,
        *,
        currency: str = "currency",
        total: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(key, label, total=total, **kwargs)
        self.currency = currency

    def raw(self, row: Any) -> Any:
        raw = super().raw(row)
        return getattr(raw, "amount", raw)  # a django-money value lends its Decimal

    def text(self, raw: Any, row: Any) -> str:
        return money_cell(raw, str(follow(row, self.currency)))

    def summed(self, rows: Sequence[Any], table: Any) -> list[str]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows if self.total else ():
            sums[str(follow(row, self.currency))] += self.raw(row) or 0
        return [money_cell(total, currency) for currency, total in sorted(sums.items())]

    def export_labels(self) -> list[str]:
        return [str(self.label), _("%(amount)s (currency)") % {"amount": self.label}]

    def exported(self, row: Any) -> list[Any]:
        return [self.raw(row), follow(row, self.currency)]

    def filing(self, model: type[models.Model]) -> Filing | None:
        return filing_of(model, self.key, self.currency) if self.value is None else None


class AmountColumn(NumberColumn):
    """An amount without its currency: the head names the table's one, or another cell of the row.

    `currency` is the path where a row says its own.
    """

    css = "num money"

    def __init__(
        self, key: str, label: str | Promise, *, currency: str = "", **kwargs: Any
    ) -> None:
        super().__init__(key, label, **kwargs)
        self.currency = currency

    def raw(self, row: Any) -> Any:
        raw = super().raw(row)
        return getattr(raw, "amount", raw)  # a django-money value lends its Decimal

    def show(self, row: Any, table: Any) -> str:
        raw = self.raw(row)
        if self.is_empty(raw):
            return UNKNOWN
        return amount_cell(
            raw, str(follow(row, self.currency)) if self.currency else table.currency
        )

    def head(self, table: Any) -> str:
        is_named_here = table.names_currency and not self.currency
        return f"{self.label} {table.currency}" if is_named_here else str(self.label)

    def below(self, figure: Any, table: Any) -> str:
        return amount_cell(figure, table.currency)


class DateColumn(Column):
    """A business date."""

    css = "date"

    def text(self, raw: Any, row: Any) -> str:
        return format_html('<time datetime="{}">{}</time>', raw.isoformat(), date_text(raw))


class MomentColumn(Column):
    """A point in time."""

    css = "date moment"

    def text(self, raw: Any, row: Any) -> str:
        return format_html('<time datetime="{}">{}</time>', raw.isoformat(), moment_text(raw))


class ActorColumn(Column):
    """Who did it: a user's name, or the product itself."""

    css = "actor"

    def raw(self, row: Any) -> Any:
        return actor_text(super().raw(row) or "")

    def filing(self, model: type[models.Model]) -> Filing | None:
        return Filing([self.key], lambda name: [actor_text(name or "")])


class BooleanColumn(Column):
    """Yes or no, in words."""

    def text(self, raw: Any, row: Any) -> str:
        return _("Yes") if raw else _("No")


class TemplateColumn(Column):
    """A cell too rich for a line of Python: a template that is given `row` and `table`."""

    def __init__(self, key: str, label: str | Promise, template: str, **kwargs: Any) -> None:
        super().__init__(key, label, sort=False, wide=True, **kwargs)
        self.template = template

    def show(self, row: Any, table: Any) -> str:
        return render_to_string(self.template, {"row": row, "table": table})

    def filing(self, model: type[models.Model]) -> None:
        """What a template shows is found in the row."""


class StateColumn(Column):
    """The badge of the row's state."""

    css = "state"

    def __init__(self, key: str = "state", label: str | Promise = STATE, **kwargs: Any) -> None:
        super().__init__(key, label, **kwargs)

    def show(self, row: Any, table: Any) -> str:
        owner_path, _sep, field = self.key.rpartition("__")
        owner = follow(row, owner_path) if owner_path else row
        return badge_html(state_badge(owner, field)) if owner is not None else UNKNOWN

    def exported(self, row: Any) -> list[Any]:
        owner_path, _sep, field = self.key.rpartition("__")
        owner = follow(row, owner_path) if owner_path else row
        return [str(state_badge(owner, field).label) if owner is not None else None]

    def filing(self, model: type[models.Model]) -> Filing | None:
        owner_path, _sep, field = self.key.rpartition("__")
        owner = field_at(model, owner_path).related_model if owner_path else model
        if field == "state" and hasattr(owner, "shown_state"):
            return None  # only the row says it
        return choice_filing(model, self.key)


def _plain(raw: Any) -> Any:
    """A value as a file takes it."""
    return str(raw) if isinstance(raw, models.Model | Promise) else raw


def badge_html(badge: Any) -> str:
    """A state badge: icon and word in their tone."""
    return format_html(
        '<span class="badge" data-tone="{}">{}{}</span>',
        badge.tone,
        icon(badge.icon),
        capfirst(str(badge.label)),
    )


def money_cell(amount: Decimal, currency: str) -> str:
    """An amount with its currency code beside it, negative ones marked."""
    return format_html(
        '<span class="{}">{}</span> <abbr class="currency">{}</abbr>',
        "amount negative" if amount < 0 else "amount",
        amount_text(amount, currency),
        currency,
    )


def amount_cell(amount: Decimal, currency: str) -> str:
    """An amount whose currency the reader knows, negative ones marked."""
    text = amount_text(amount, currency)
    return format_html('<span class="negative">{}</span>', text) if amount < 0 else text
