"""Orders in other people's formats. They parse and never save."""

from orders.adapters.order_file import COLUMNS, ParsedOrder, ParsedOrders, parse_orders

__all__ = ["COLUMNS", "ParsedOrder", "ParsedOrders", "parse_orders"]
