"""A snapshot read back for the eye: figures as decimals, days as dates."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

FIGURES = {
    *(
        "quantity",
        "unit_price",
        "price_per",
        "discount_percent",
        "amount",
        "document_discount",
        "net",
    ),
    *("tax_percent", "percent", "base", "tax", "gross", "exchange_rate", "rate", "payable"),
    *("untaxed_percent", "untaxed_discount", "discount_carried"),
}
DAYS = {"invoice_date", "delivery_date", "due_date", "discount_date", "date", "until"}


def printed(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """The snapshot with its texts turned back into figures and days, to any depth."""
    return {name: _value(name, value) for name, value in snapshot.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return printed(value)
    if isinstance(value, list):
        return [printed(part) if isinstance(part, dict) else part for part in value]
    if isinstance(value, str) and value and name in FIGURES:
        return Decimal(value)
    if isinstance(value, str) and value and name in DAYS:
        return date.fromisoformat(value)
    return value
