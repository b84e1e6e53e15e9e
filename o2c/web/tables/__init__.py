"""Lists, declared: what a table shows, how it is filtered, sorted, tabbed, summed and exported."""

from o2c.web.tables.columns import (
    ActorColumn,
    BooleanColumn,
    ChoiceColumn,
    Column,
    DateColumn,
    LinkColumn,
    MomentColumn,
    MoneyColumn,
    NumberColumn,
    PercentColumn,
    PriceColumn,
    QuantityColumn,
    StateColumn,
)
from o2c.web.tables.filters import (
    BooleanFilter,
    ChoiceFilter,
    DateFilter,
    Filter,
    ForeignKeyFilter,
    NumberFilter,
    SearchFilter,
)
from o2c.web.tables.table import Tab, Table

__all__ = [
    "ActorColumn",
    "BooleanColumn",
    "BooleanFilter",
    "ChoiceColumn",
    "ChoiceFilter",
    "Column",
    "DateColumn",
    "DateFilter",
    "Filter",
    "ForeignKeyFilter",
    "LinkColumn",
    "MomentColumn",
    "MoneyColumn",
    "NumberColumn",
    "NumberFilter",
    "PercentColumn",
    "PriceColumn",
    "QuantityColumn",
    "SearchFilter",
    "StateColumn",
    "Tab",
    "Table",
]
