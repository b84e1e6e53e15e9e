"""Sums under a list: per currency, never across, of all matching rows or of the page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Sum

from o2c.web.formats import number_text
from o2c.web.tables.columns import Column, money_cell
from o2c.web.tables.paths import follow

#: column key -> currency ("" for plain numbers) -> sum
Sums = dict[str, dict[str, Decimal]]


@dataclass(frozen=True)
class Totals:
    """The last row of a list."""

    sums: Sums = field(default_factory=dict)
    of_page_only: bool = False

    def __bool__(self) -> bool:
        return any(self.sums.values())

    def lines(self, column: Column) -> list[str]:
        """The sums of one column as cells, one per currency."""
        return [
            money_cell(total, currency) if currency else number_text(total)
            for currency, total in sorted(self.sums.get(column.key, {}).items())
        ]


def sum_all(columns: Sequence[Column], queryset: models.QuerySet[Any]) -> Totals:
    """Sum over every row of queryset, by currency."""
    by_currency: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        if column.total and column.value is None:
            by_currency[column.currency].append(column)
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for currency_path, summed in by_currency.items():
        wanted = {f"sum_{n}": Sum(column.key) for n, column in enumerate(summed)}
        plain = queryset.order_by()
        if currency_path:
            found: Iterable[Any] = plain.values(currency_path).annotate(**wanted)
        else:
            found = [plain.aggregate(**wanted)]
        for group in found:
            for n, column in enumerate(summed):
                if group[f"sum_{n}"] is not None:
                    sums[column.key][group.get(currency_path, "")] += group[f"sum_{n}"]
    return Totals({key: dict(found) for key, found in sums.items()})


def page_totals(columns: Sequence[Column], rows: Sequence[Any]) -> Totals:
    """Sum over the rows at hand."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for column in columns:
        if not column.total or column.value is not None:
            continue
        for row in rows:
            raw = column.raw(row)
            if raw is not None:
                currency = str(follow(row, column.currency)) if column.currency else ""
                sums[column.key][currency] += raw
    return Totals({key: dict(found) for key, found in sums.items()}, of_page_only=True)
