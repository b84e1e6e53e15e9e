"""What pages show: items, payments and letters with what stands beside them."""

from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from o2c.masters.models import Customer
from receivables.models import (
    Allocation,
    CreditApplication,
    Dispute,
    DisputeState,
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
    WriteOff,
)

MOST_CHOICES = 200  # items offered on one form


def open_items() -> QuerySet[OpenItem]:
    """Open items with all they name at hand."""
    return OpenItem.objects.select_related("customer", "order", "invoice", "letter")


def payments() -> QuerySet[Payment]:
    """Payments with payer, bank account and the payment they take back at hand."""
    return Payment.objects.select_related("customer", "bank_account", "returns")


def write_offs() -> QuerySet[WriteOff]:
    """Write-offs with customer and item at hand."""
    return WriteOff.objects.select_related("customer", "open_item")


def credit_applications() -> QuerySet[CreditApplication]:
    """Applied credits with customer and credit at hand."""
    return CreditApplication.objects.select_related("customer", "credit_item")


def disputes() -> QuerySet[Dispute]:
    """Disputes with customer, item, its order and its invoice at hand."""
    return Dispute.objects.select_related("customer", "open_item__order", "open_item__invoice")


def promises() -> QuerySet[Promise]:
    """Promises with customer and item at hand."""
    return Promise.objects.select_related("customer", "open_item")


def customers_with_addresses() -> QuerySet[Customer]:
    """Customers with their addresses at hand."""
    return Customer._default_manager.prefetch_related("addresses")


def unapplied(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Money on account that is not used up: the cash queue."""
    return payments.filter(state=PaymentState.RECEIVED, amount__gt=F("allocated"))


def items_to_settle(payment: Payment) -> list[OpenItem]:
    """What a payment may be applied to, by due date, the oldest MOST_CHOICES."""
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


def repayments_of(payment: Payment) -> QuerySet[Repayment]:
    """Every meeting with a payment of the other direction, taken back or not."""
    sides = Repayment.objects.filter(Q(received=payment) | Q(paid=payment))
    return sides.select_related("received", "paid", "entry", "reversed_by").order_by("pk")


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


def open_disputes_of(customer: Customer) -> QuerySet[Dispute]:
    """A customer's open disputes, newest first."""
    return Dispute.objects.filter(customer=customer, state=DisputeState.OPEN).order_by("-pk")


def promises_not_kept_of(customer: Customer) -> QuerySet[Promise]:
    """A customer's standing promises whose amount has not come, newest first."""
    return not_kept(promises().filter(customer=customer)).order_by("-pk")


def debts_beside(credit: OpenItem) -> list[OpenItem]:
    """What a credit may be used for, by due date, the oldest MOST_CHOICES."""
    debts = OpenItem.objects.debts().filter(customer=credit.customer_id, currency=credit.currency)
    return list(debts.order_by("due_date", "pk")[:MOST_CHOICES])


def allocations_of_payment(payment: Payment) -> QuerySet[Allocation]:
    """Everything a payment was used for, reversals included, in order."""
    related = ("open_item", "entry", "reversed_by")
    return payment.allocations.select_related(*related).order_by("pk")


def live_allocations(payment: Payment) -> list[Allocation]:
    """What of it still stands."""
    live = payment.allocations.filter(reverses__isnull=True, reversed_by__isnull=True)
    return list(live.select_related("open_item").order_by("pk"))


def allocations_of_item(item: OpenItem) -> QuerySet[Allocation]:
    """Everything that changed an item, as debt or as credit, in order."""
    sources = ("payment", "credit_application", "write_off", "open_item", "entry")
    own = Allocation.objects.filter(Q(open_item=item) | Q(credit_item=item))
    return own.select_related(*sources).order_by("pk")


def allocations_of_write_off(write_off: WriteOff) -> QuerySet[Allocation]:
    """What a write-off booked, reversals included, in order."""
    return write_off.allocations.select_related("entry").order_by("pk")


def allocations_of_credit(application: CreditApplication) -> QuerySet[Allocation]:
    """What a credit was used for, reversals included, in order."""
    return application.allocations.select_related("open_item", "entry").order_by("pk")


def cases_of_item(item: OpenItem) -> dict[str, Any]:
    """What was said and done about an item: disputes, promises, write-offs, notices in order."""
    return {
        "disputes": item.disputes.order_by("pk"),
        "promises": item.promises.order_by("pk"),
        "write_offs": item.write_offs.order_by("pk"),
        "notices": item.notices.select_related("letter").order_by("pk"),
    }


def notices_of(letter: DunningLetter) -> list[DunningNotice]:
    """What a letter asks for, as `letter_with_notices` read it."""
    return list(letter.notices.all())


def charges_of(letter: DunningLetter) -> QuerySet[OpenItem]:
    """The fees and interest a letter asks for, in order."""
    return letter.charges.order_by("pk")


def letters_of_run(run: DunningRun) -> QuerySet[DunningLetter]:
    """A run's letters with customer, level and notices."""
    notices = DunningNotice.objects.select_related("open_item").order_by("pk")
    return (
        run.letters.select_related("customer", "level")
        .prefetch_related(Prefetch("notices", queryset=notices))
        .order_by("customer__name", "pk")
    )


def exclusions_of_run(run: DunningRun) -> QuerySet[DunningExclusion]:
    """What a run left alone."""
    return run.exclusions.select_related("open_item", "customer").order_by(
        "reason", "customer__name", "pk"
    )


def profile_of(customer: Customer) -> DunningProfile | None:
    """What is special about reminding a customer."""
    return DunningProfile.objects.filter(customer=customer).select_related("policy").first()
