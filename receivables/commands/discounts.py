"""Until when open items earn an early discount: a payment that came back ends it."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F, Min

from o2c.core.bulk import update_rows
from o2c.core.commands import lock_all
from receivables.models import Allocation, OpenItem, Payment, PaymentState


def lock_items_of_return(back: Payment) -> list[OpenItem]:
    """Lock the items that a return has opened."""
    opened = Allocation.objects.filter(payment=back.returns_id, reverses__isnull=False)
    return list(lock_all(OpenItem, opened.values_list("open_item_id", flat=True)).values())


def set_discount_ends(items: Iterable[OpenItem]) -> None:
    """Let held items earn their discount until the day agreed, or until a payment came back.

    Money that bounced was not paid in time; a return that was a mistake gives the agreed day back.
    """
    held = {item.pk: item for item in items if item.discount_date is not None}
    if not held:
        return
    returned = dict(
        Allocation.objects.filter(
            open_item__in=held,
            reverses__isnull=False,
            payment__returned_by__state=PaymentState.RECEIVED,
            recorded_at__gte=F("payment__returned_by__created_at"),
        )
        .values_list("open_item")
        .annotate(day=Min("payment__returned_by__posting_date"))
    )
    for pk, item in held.items():
        agreed = item.agreed_discount_date or item.discount_date
        assert agreed is not None, item
        last_day = returned[pk] - timedelta(days=1) if pk in returned else agreed
        item.discount_date = min(agreed, last_day)
        item.agreed_discount_date = agreed if last_day < agreed else None
    update_rows(list(held.values()), ["discount_date", "agreed_discount_date"])
