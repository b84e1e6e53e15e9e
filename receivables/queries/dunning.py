"""What a dunning run looks at: the open items with everything that speaks for or against."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from o2c.core.money import ZERO
from o2c.masters.models import Contact, ContactRole, Customer
from receivables.models import (
    Allocation,
    BankFeed,
    Direction,
    Dispute,
    DisputeState,
    DunningLetter,
    DunningNotice,
    DunningPolicy,
    DunningProfile,
    ItemKind,
    OpenItem,
    Payment,
    PaymentState,
    Promise,
    PromiseState,
)
from receivables.rules.dunning import Due, PolicyRule
from receivables.rules.freshness import COLLECTING_DAYS, BankDates, Feed, bank_dates
from receivables.rules.interest import Balance

Account = tuple[int, str]  # customer id, currency


@dataclass(frozen=True)
class NoticeHistory:
    """What was sent about an item so far; `interest` is what was charged for it."""

    last_level: int | None = None
    last_sent: date | None = None
    waiting: bool = False
    interest: Decimal = ZERO


@dataclass(frozen=True)
class Policies:
    """Which policy holds for whom."""

    default: DunningPolicy
    by_id: Mapping[int, DunningPolicy]
    profiles: Mapping[int, DunningProfile]

    def of(self, customer_id: int) -> DunningPolicy:
        """The customer's own policy while it is active, else the default."""
        profile = self.profiles.get(customer_id)
        return self.by_id.get(profile.policy_id or 0, self.default) if profile else self.default

    def rule(self, customer_id: int, today: date) -> PolicyRule:
        """The customer's policy for the rules, with a pause that holds today."""
        profile = self.profiles.get(customer_id)
        paused = profile is not None and profile.is_paused(today)
        return self.of(customer_id).rule(paused=paused)

    def first_day(self) -> int:
        """How many days before its due date an item can be of interest."""
        levels = [level for policy in self.by_id.values() for level in policy.levels.all()]
        return max([0, *(-level.days for level in levels)])


def policies() -> Policies | None:
    """The active policies with their levels, and all profiles. None without a default."""
    found = list(DunningPolicy.objects.filter(active=True).prefetch_related("levels"))
    default = next((policy for policy in found if policy.is_default), None)
    if default is None:
        return None
    profiles = {profile.customer_id: profile for profile in DunningProfile.objects.all()}
    return Policies(default, {policy.pk: policy for policy in found}, profiles)


def items_due_by(day: date) -> list[OpenItem]:
    """Debts due by a day; late charges are claims, not dunned again."""
    return list(
        OpenItem.objects.debts()
        .filter(due_date__lte=day)
        .exclude(kind=ItemKind.CHARGE)
        .order_by("customer_id", "currency", "due_date", "pk")
    )


def due_items(items: Iterable[OpenItem], today: date) -> dict[int, Due]:
    """Items as the dunning rules see them, by id."""
    items = list(items)
    pks = [item.pk for item in items]
    disputed = _sums(Dispute.objects.filter(open_item__in=pks, state=DisputeState.OPEN))
    promised = _sums(
        Promise.objects.filter(open_item__in=pks, state=PromiseState.OPEN, promised_date__gte=today)
    )
    history = notice_history(pks)
    return {
        item.pk: Due(
            item.pk,
            item.due_date,
            item.open_amount,
            disputed=disputed.get(item.pk, ZERO),
            promised=promised.get(item.pk, ZERO),
            last_level=history[item.pk].last_level,
            last_sent=history[item.pk].last_sent,
            waiting=history[item.pk].waiting,
            exchange_rate=item.exchange_rate,
        )
        for item in items
    }


def _sums(cases: QuerySet[Any]) -> dict[int, Decimal]:
    return dict(cases.values_list("open_item_id").annotate(total=Sum("amount")))


def notice_history(item_ids: Collection[int]) -> Mapping[int, NoticeHistory]:
    """What was sent, and what is waiting, per item."""
    sent = Q(sent_at__isnull=False)
    rows = (
        DunningNotice.objects.filter(open_item__in=item_ids, dropped_at__isnull=True)
        .values_list("open_item_id")
        .annotate(
            level=Max("level", filter=sent),
            sent=Max("sent_at", filter=sent),
            waiting=Min("pk", filter=~sent),
            interest=Sum("interest", filter=sent, default=ZERO),
        )
    )
    found = defaultdict(NoticeHistory)
    for pk, level, last_sent, waiting, interest in rows:
        day = last_sent and timezone.localtime(last_sent).date()
        found[pk] = NoticeHistory(level, day, waiting is not None, interest)
    return found


def cover(customer_ids: Collection[int] | None = None) -> Mapping[Account, Decimal]:
    """The customers' own money with us: unapplied cash and open credits, less what was paid back
    and not applied yet. Negative where more was paid back.
    """
    payments = Payment.objects.filter(state=PaymentState.RECEIVED, amount__gt=F("allocated"))
    credits = OpenItem.objects.credits()
    if customer_ids is not None:
        payments = payments.filter(customer_id__in=customer_ids)
        credits = credits.filter(customer_id__in=customer_ids)
    found: dict[Account, Decimal] = defaultdict(lambda: ZERO)
    cash = payments.values_list("customer_id", "currency", "direction").annotate(
        paid=Sum("amount"), used=Sum("allocated")
    )
    for customer_id, currency, direction, paid, used in cash:
        found[customer_id, currency] += paid - used if direction == Direction.IN else used - paid
    for customer_id, currency, amount in credits.values_list("customer_id", "currency").annotate(
        total=Sum("open_amount")
    ):
        found[customer_id, currency] -= amount
    return found


def bank_known_through() -> BankDates:
    """Up to which day money that customers send us is known."""
    collected = Payment.objects.filter(
        bank_account_id=OuterRef("bank_account_id"),
        direction=Direction.IN,
        value_date__gt=OuterRef("through_date") - timedelta(days=COLLECTING_DAYS),
    ).exclude(state=PaymentState.REVERSED)
    feeds = BankFeed.objects.filter(bank_account__active=True).values_list(
        "bank_account__currency", "through_date", Exists(collected)
    )
    return bank_dates(Feed(*feed) for feed in feeds)


def balances(item_ids: Collection[int]) -> Mapping[int, list[Balance]]:
    """How the open amounts of items went down (and up), by day, from their original amount on."""
    steps: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    moves = Allocation.objects.filter(open_item__in=item_ids).order_by("effective_date", "pk")
    for pk, day, amount, discount in moves.values_list(
        "open_item_id", "effective_date", "amount", "discount"
    ):
        steps[pk].append((day, -(amount + discount)))
    found = {}
    items = OpenItem.objects.filter(pk__in=item_ids)
    for pk, posted, due, original in items.values_list(
        "pk", "posting_date", "due_date", "original"
    ):
        running = [Balance(min(posted, due), original)]
        for moved_on, amount in steps[pk]:
            running.append(Balance(moved_on, running[-1].amount + amount))
        found[pk] = running
    return found


def letter_with_notices(letter_id: int) -> DunningLetter:
    """A letter with its run, level, customer and contacts, and notices with items at hand.

    Raises DunningLetter.DoesNotExist.
    """
    notices = DunningNotice.objects.select_related("open_item").order_by(
        "open_item__currency", "open_item__due_date", "pk"
    )
    contacts = Contact.objects.filter(active=True).exclude(email="")
    return (
        DunningLetter.objects.select_related("run", "level__policy", "customer")
        .prefetch_related(
            Prefetch("notices", queryset=notices),
            Prefetch("customer__contacts", queryset=contacts),
            "customer__addresses",
            "level__policy__levels",
        )
        .get(pk=letter_id)
    )


def recipients(customer: Customer) -> list[str]:
    """Who gets reminders by mail: the dunning contacts, else accounts payable, else the customer.

    Empty when there is no address: the letter is printed. Contacts prefetched.
    """
    by_role: dict[str, list[str]] = defaultdict(list)
    for contact in customer.contacts.all():
        by_role[contact.role].append(contact.email)
    chosen = by_role[ContactRole.DUNNING] or by_role[ContactRole.ACCOUNTS_PAYABLE]
    return sorted(chosen) or [email for email in [customer.email] if email]
