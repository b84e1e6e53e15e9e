"""Whom to remind of what: the decision over all customers, and the letters it comes to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from o2c.core.bulk import insert_rows
from o2c.core.money import ZERO, convert
from o2c.masters.queries import company
from receivables.models import (
    DunningExclusion,
    DunningLetter,
    DunningLevel,
    DunningNotice,
    DunningRun,
    OpenItem,
)
from receivables.queries import dunning as facts
from receivables.queries.dunning import Policies
from receivables.rules.dunning import Exclusion, Proposal, Reminder, level_fee, propose
from receivables.rules.freshness import BankDates, is_stale
from receivables.rules.interest import YearlyRate, late_interest

Items = Mapping[int, OpenItem]


def decide(
    policies: Policies, today: date, known: BankDates
) -> tuple[Proposal, dict[int, OpenItem]]:
    """Ask the rules for every customer and currency."""
    cover = facts.cover()
    items = facts.items_due_by(today + timedelta(days=policies.first_day()))
    dues = facts.due_items(items, today)
    whole = Proposal()
    for (customer_id, currency), group in groupby(items, lambda i: (i.customer_id, i.currency)):
        bank_days = policies.of(customer_id).bank_days
        part = propose(
            [dues[item.pk] for item in group],
            policies.rule(customer_id, today),
            today,
            cover=cover[customer_id, currency],
            stale_bank=is_stale(known.of(currency), today, bank_days),
        )
        whole.reminders += part.reminders
        whole.exclusions += part.exclusions
    return whole, {item.pk: item for item in items}


def write_letters(
    run: DunningRun, policies: Policies, reminders: Sequence[Reminder], items: Items
) -> None:
    """One letter per customer at the highest level of its items, with a notice per item."""
    by_customer: dict[int, list[Reminder]] = defaultdict(list)
    levels: dict[int, DunningLevel] = {}
    for reminder in reminders:
        customer_id = items[reminder.open_item_id].customer_id
        by_customer[customer_id].append(reminder)
        policy_levels = policies.of(customer_id).levels.all()
        levels[reminder.open_item_id] = next(
            level for level in policy_levels if level.level == reminder.level
        )
    base_currency = company().base_currency if reminders else ""
    letters = insert_rows(
        _letter(run, customer_id, group, levels, items, base_currency)
        for customer_id, group in by_customer.items()
    )
    of_customer = {letter.customer_id: letter for letter in letters}
    interest = _interest(levels, items, run.run_date)
    insert_rows(
        DunningNotice(
            letter=of_customer[items[reminder.open_item_id].customer_id],
            open_item_id=reminder.open_item_id,
            level=reminder.level,
            amount=reminder.amount,
            days_overdue=reminder.days_overdue,
            interest=interest.get(reminder.open_item_id, ZERO),
        )
        for reminder in reminders
    )


def write_exclusions(run: DunningRun, exclusions: Sequence[Exclusion], items: Items) -> None:
    """Keep what was left alone, and why."""
    insert_rows(
        DunningExclusion(
            run=run,
            open_item_id=exclusion.open_item_id,
            customer_id=items[exclusion.open_item_id].customer_id,
            reason=exclusion.reason,
            amount=exclusion.amount,
        )
        for exclusion in exclusions
    )


def _letter(
    run: DunningRun,
    customer_id: int,
    reminders: Sequence[Reminder],
    levels: Mapping[int, DunningLevel],
    items: Items,
    base_currency: str,
) -> DunningLetter:
    """The letter of one customer; its fee is that of the highest level, on what is dunned at it."""
    highest = max((levels[r.open_item_id] for r in reminders), key=lambda level: level.level)
    dunned = sum(
        (
            convert(r.amount, items[r.open_item_id].exchange_rate, base_currency)
            for r in reminders
            if r.level == highest.level
        ),
        ZERO,
    )
    fee = level_fee(highest.rule(), dunned, base_currency)
    return DunningLetter(run=run, customer_id=customer_id, level=highest, fee=fee)


def _interest(levels: Mapping[int, DunningLevel], items: Items, today: date) -> dict[int, Decimal]:
    """What is to be charged now per item: interest to date, less what letters charged already."""
    bearing = {pk: level for pk, level in levels.items() if level.interest_percent}
    if not bearing:
        return {}
    balances, history = facts.balances(bearing.keys()), facts.notice_history(bearing.keys())
    charged = {}
    for pk, level in bearing.items():
        rates = [YearlyRate(date.min, level.interest_percent)]
        due_date, currency = items[pk].due_date, items[pk].currency
        interest = late_interest(due_date, today, balances[pk], rates, currency)
        charged[pk] = max(interest - history[pk].interest, ZERO)
    return charged
