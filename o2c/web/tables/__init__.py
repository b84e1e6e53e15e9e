"""Lists, declared: what a table shows, how it is filtered, sorted, tabbed, summed and exported."""

from o2c.web.tables.columns import (
    ActorColumn,
    AmountColumn,
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
    TemplateColumn,
)
from o2c.web.tables.detail import DetailTable, Sum
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
    "AmountColumn",
    "BooleanColumn",
    "BooleanFilter",
    "ChoiceColumn",
    "ChoiceFilter",
    "Column",
    "DateColumn",
    "DateFilter",
    "DetailTable",
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
    "Sum",
    "Tab",
    "Table",
    "TemplateColumn",
]
