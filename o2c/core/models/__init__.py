"""The kernel's own tables, and the abstract Document every business document is."""

from o2c.core.models.attachment import Attachment
from o2c.core.models.document import Document, DocumentQuerySet, Eventful
from o2c.core.models.event import Delivery, DeliveryState, Event
from o2c.core.models.keys import IdempotencyKey, JobRun, NumberSeries
from o2c.core.models.message import STUCK_STATES, UNSENT_STATES, MessageState, OutgoingMessage
from o2c.core.models.user import User

__all__ = [
    "STUCK_STATES",
    "UNSENT_STATES",
    "Attachment",
    "Delivery",
    "DeliveryState",
    "Document",
    "DocumentQuerySet",
    "Event",
    "Eventful",
    "IdempotencyKey",
    "JobRun",
    "MessageState",
    "NumberSeries",
    "OutgoingMessage",
    "User",
]
