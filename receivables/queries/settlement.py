"""What a payment changes for others: whose debt is overdue, for the credit gate."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Min, Sum

from o2c.core import clock
from receivables.models import Allocation, OpenItem, Payment


class Overdue(NamedTuple):
    """What a customer owes past its due date; `base_amount` in base currency."""

    base_amount: Decimal
    oldest_due_date: date | None


def overdue_by_customer(
    customer_ids: Collection[int], today: date | None = None
) -> dict[int, Overdue]:
    """Overdue debt per customer, zero included, for the credit gate."""
    rows = (
        OpenItem.objects.overdue(today or clock.today())
        .filter(customer_id__in=customer_ids)
        .values_list("customer_id")
        .annotate(total=Sum("base_open"), oldest=Min("due_date"))
    )
    found = {customer_id: Overdue(total, oldest) for customer_id, total, oldest in rows}
    return {pk: found.get(pk, Overdue(Decimal(0), None)) for pk in customer_ids}


def customers_overdue(today: date | None = None) -> list[int]:
    """Who owes something past its due date."""
    late = OpenItem.objects.overdue(today or clock.today())
    return list(late.order_by("customer_id").values_list("customer_id", flat=True).distinct())


def customers_of_payment(payment_id: int) -> list[int]:
    """Whose debt or money on account a payment may have changed."""
    settled = Allocation.objects.filter(payment_id=payment_id).order_by()
    payer = Payment.objects.filter(pk=payment_id, customer__isnull=False).order_by()
    customers = payer.values_list("customer_id").union(settled.values_list("customer_id"))
    return sorted(customer_id for (customer_id,) in customers)
