"""What others and the pages ask of shipping."""

from shipping.queries.documents import document_of, packages_of, unshipped_packages
from shipping.queries.goods import (
    accepted_lines,
    contents_of,
    contents_to_issue,
    goods_restocked,
    lines_of,
    lots_to_come_back,
    packed_and_not_shipped,
    picked_from,
    return_lines_of,
    returns,
    returns_of,
    services_without_shipment,
    shipments,
    shipments_with_proof,
)
from shipping.queries.invariants import INVARIANTS

__all__ = [
    "INVARIANTS",
    "accepted_lines",
    "contents_of",
    "contents_to_issue",
    "document_of",
    "goods_restocked",
    "lines_of",
    "lots_to_come_back",
    "packages_of",
    "packed_and_not_shipped",
    "picked_from",
    "return_lines_of",
    "returns",
    "returns_of",
    "services_without_shipment",
    "shipments",
    "shipments_with_proof",
    "unshipped_packages",
]
