"""What needs a person because no step does it."""

from django.db.models import QuerySet

from o2c.core.models import Delivery, DeliveryState


def deliveries() -> QuerySet[Delivery]:
    """Deliveries with the event they tell at hand."""
    return Delivery.objects.select_related("event")


def stuck_deliveries() -> QuerySet[Delivery]:
    """Those that were refused or given up: they need a person."""
    return deliveries().filter(state__in=[DeliveryState.PARKED, DeliveryState.DEAD])
