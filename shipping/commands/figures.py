"""Quantities that people report of shipped goods."""

from collections.abc import Mapping
from decimal import Decimal

from fulfillment.commands.figures import uncountable
from o2c.core.errors import RuleViolation, refuse_if
from o2c.masters.models import Item


def refuse_uncountable(
    items: Mapping[int, Item], quantities: Mapping[int, Decimal], field: str
) -> None:
    """Refuse quantities (by line) that nobody can have counted; the items' units are at hand."""
    refuse_if(
        [
            RuleViolation(sentence, field=f"{field}_{key}")
            for key, quantity in quantities.items()
            if key in items and (sentence := uncountable(quantity, items[key]))
        ]
    )
