"""What the other areas and the pages ask of orders."""

from orders.queries.entry import Buyer, UnknownCustomer, load_buyer
from orders.queries.invariants import INVARIANTS
from orders.queries.reading import (
    LineView,
    address_by_code,
    goods_of,
    item_codes,
    line_views,
    lines_of,
    open_quantities,
    order_with_lines,
    orders_with_parties,
    tax_lines_of,
)
from orders.queries.sentences import (
    price_sentences,
    promise_sentences,
    review_count,
    review_sentences,
    tax_sentence,
)

__all__ = [
    "INVARIANTS",
    "Buyer",
    "LineView",
    "UnknownCustomer",
    "address_by_code",
    "goods_of",
    "item_codes",
    "line_views",
    "lines_of",
    "load_buyer",
    "open_quantities",
    "order_with_lines",
    "orders_with_parties",
    "price_sentences",
    "promise_sentences",
    "review_count",
    "review_sentences",
    "tax_lines_of",
    "tax_sentence",
]
