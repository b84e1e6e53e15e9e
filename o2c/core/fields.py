"""Columns that cannot hold nonsense: decimals, and dates with limits.

PostgreSQL's numeric accepts 'NaN', and NaN > 0 is true there, so a CHECK alone would let it in.
Each field therefore stands on a domain of its own (created in this app's migration) that
refuses NaN; Infinity does not fit a numeric with a scale.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from o2c.core import clock
from o2c.core.day_checks import day_fault
from o2c.core.days import DayKind

DOMAINS = {
    "o2c_amount": "numeric(19, 4)",
    "o2c_price": "numeric(19, 6)",
    "o2c_quantity": "numeric(15, 3)",
    "o2c_rate": "numeric(18, 8)",
}

CREATE_DOMAINS = "".join(
    f"CREATE DOMAIN {name} AS {base} CHECK (VALUE <> 'NaN');\n" for name, base in DOMAINS.items()
)
DROP_DOMAINS = "".join(f"DROP DOMAIN {name};\n" for name in DOMAINS)


class _DomainField(models.DecimalField):  # type: ignore[type-arg]  # not subscriptable
    """A DecimalField whose digits and domain are fixed by its class."""

    domain: str
    digits: tuple[int, int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"], kwargs["decimal_places"] = self.digits
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def db_type(self, connection: Any) -> str:
        return self.domain

    def cast_db_type(self, connection: Any) -> str:
        return self.domain


class AmountField(_DomainField):
    """An amount of money in the currency of its document, already rounded to its minor unit."""

    domain, digits = "o2c_amount", (19, 4)


class PriceField(_DomainField):
    """A price per unit, up to six decimals."""

    domain, digits = "o2c_price", (19, 6)


class QuantityField(_DomainField):
    """A quantity in the item's stock unit, up to three decimals."""

    domain, digits = "o2c_quantity", (15, 3)


class RateField(_DomainField):
    """A percent (19 means 19 %), a conversion factor, or an exchange rate."""

    domain, digits = "o2c_rate", (18, 8)


class DayField(models.DateField):  # type: ignore[type-arg]  # not subscriptable
    """A date within the limits of its kind; to the database a date like any other."""

    def __init__(self, *args: Any, kind: DayKind = DayKind.ANY, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value and (fault := day_fault(self.kind, value, clock.today(), self.verbose_name)):
            raise ValidationError(fault, code="out_of_range")
