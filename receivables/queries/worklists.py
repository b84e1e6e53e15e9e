"""What pages show: items, payments and letters with what stands beside them."""

from django.db.models import F, Prefetch, Q, QuerySet

from o2c.masters.models import Customer
from receivables.models import (
    Allocation,
    DunningExclusion,
    DunningLetter,
    DunningNotice,
    DunningProfile,
    DunningRun,
    OpenItem,
    Payment,
    PaymentState,
    Promise,
    PromiseState,
    Repayment,
)

MOST_CHOICES = 200  # items offered on one form


def unapplied(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Money on account that is not used up: the cash queue."""
    return payments.filter(state=PaymentState.RECEIVED, amount__gt=F("allocated"))


def items_to_settle(payment: Payment) -> list[OpenItem]:
    """What a payment may be applied to, by due date, the oldest MOST_CHOICES. One statement."""
    items = OpenItem.objects.filter(customer=payment.customer_id, currency=payment.currency)
    fitting = items.debts() if payment.sign > 0 else items.credits()
    return list(fitting.order_by("due_date", "pk")[:MOST_CHOICES])


def meeting(payment: Payment) -> QuerySet[Payment]:
    """Money of the same account that went the other way and is not used up, oldest first."""
    return (
        unapplied(Payment.objects.filter(customer=payment.customer_id, currency=payment.currency))
        .exclude(direction=payment.direction)
        .order_by("value_date", "pk")
    )


def repayments_of(payment: Payment) -> list[Repayment]:
    """Every meeting with a payment of the other direction, taken back or not. One statement."""
    sides = Repayment.objects.filter(Q(received=payment) | Q(paid=payment))
    return list(sides.select_related("received", "paid", "entry", "reversed_by").order_by("pk"))


def kept(promises: QuerySet[Promise]) -> QuerySet[Promise]:
    """Standing promises whose amount has gone off the item since, as `Promise.is_kept` says."""
    return promises.filter(
        state=PromiseState.OPEN, open_before__gte=F("open_item__open_amount") + F("amount")
    )


def not_kept(promises: QuerySet[Promise]) -> QuerySet[Promise]:
    """Standing promises whose amount has not come."""
    return promises.filter(
        state=PromiseState.OPEN, open_before__lt=F("open_item__open_amount") + F("amount")
    )


def debts_beside(credit: OpenItem) -> list[OpenItem]:
    """What a credit may be used for, by due date, the oldest MOST_CHOICES. One statement."""
    debts = OpenItem.objects.debts().filter(customer=credit.customer_id, currency=credit.currency)
    return list(debts.order_by("due_date", "pk")[:MOST_CHOICES])


def allocations_of_payment(payment: Payment) -> list[Allocation]:
    """Everything a payment was used for, reversals included, in order. One statement."""
    return list(
        payment.allocations.select_related("open_item", "entry", "reversed_by").order_by("pk")
    )


def live_allocations(payment: Payment) -> list[Allocation]:
    """What of it still stands. One statement."""
    live = payment.allocations.filter(reverses__isnull=True, reversed_by__isnull=True)
    return list(live.select_related("open_item").order_by("pk"))


def allocations_of_item(item: OpenItem) -> list[Allocation]:
    """Everything that changed an item, as debt or as credit, in order. Two statements."""
    sources = ("payment", "credit_application", "write_off", "open_item", "entry")
    settled = item.allocations.select_related(*sources)
    used = item.uses_as_credit.select_related(*sources)
    return sorted([*settled, *used], key=lambda allocation: allocation.pk)


def letters_of_run(run: DunningRun) -> list[DunningLetter]:
    """A run's letters with customer, level and notices. Two statements."""
    notices = DunningNotice.objects.select_related("open_item").order_by("pk")
    return list(
        run.letters.select_related("customer", "level")
        .prefetch_related(Prefetch("notices", queryset=notices))
        .order_by("customer__name", "pk")
    )


def exclusions_of_run(run: DunningRun) -> QuerySet[DunningExclusion]:
    """What a run left alone. One statement."""
    return run.exclusions.select_related("open_item", "customer").order_by(
        "reason", "customer__name", "pk"
    )


def profile_of(customer: Customer) -> DunningProfile | None:
    """What is special about reminding a customer. One statement."""
    return DunningProfile.objects.filter(customer=customer).select_related("policy").first()
