"""What others ask the masters, by the answer's name."""

from o2c.masters.queries.items import (
    OtherUnit,
    ScannedUnit,
    items_by_code,
    other_units,
    packed_in,
    scanned,
)
from o2c.masters.queries.reading import (
    MasterMissing,
    TaxCodeRate,
    Taxes,
    billing_addresses,
    company,
    lines_of,
    parts_of,
    prices_for,
    rate_on,
    rows_of,
    tax_rules_for,
    taxes_for,
)

__all__ = [
    "MasterMissing",
    "OtherUnit",
    "ScannedUnit",
    "TaxCodeRate",
    "Taxes",
    "billing_addresses",
    "company",
    "items_by_code",
    "lines_of",
    "other_units",
    "packed_in",
    "parts_of",
    "prices_for",
    "rate_on",
    "rows_of",
    "scanned",
    "tax_rules_for",
    "taxes_for",
]
