"""What leaves the warehouse, what proves that it arrived, and what comes back."""

from shipping.models.returns import (
    Disposition,
    Return,
    ReturnLine,
    ReturnState,
)
from shipping.models.shipments import (
    ProofOfDelivery,
    Shipment,
    ShipmentContent,
    ShipmentLine,
    ShipmentState,
)

__all__ = [
    "Disposition",
    "ProofOfDelivery",
    "Return",
    "ReturnLine",
    "ReturnState",
    "Shipment",
    "ShipmentContent",
    "ShipmentLine",
    "ShipmentState",
]
