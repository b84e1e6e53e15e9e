"""Sending dunning letters: looked at once more, printed as it leaves, at most once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override

from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.attachments import Attachment, store_file
from o2c.core.bulk import insert_rows
from o2c.core.commands import command, lock, lock_all
from o2c.core.errors import Busy, RuleViolation, refuse_if
from o2c.core.mail import queue_message
from o2c.core.money import ZERO, convert
from o2c.core.pdf import render_pdf
from o2c.ledger.commands import Posting, post_entry
from o2c.ledger.models import Role
from o2c.masters.queries import company, rate_on
from receivables.models import (
    DunningLetter,
    DunningNotice,
    DunningRun,
    DunningRunState,
    ItemKind,
    OpenItem,
)
from receivables.queries import dunning as facts
from receivables.queries.documents import dunning_document
from receivables.rules.dunning import claim, covered_by, level_fee
from receivables.rules.freshness import is_stale

_ATTEMPTS = 3


def send_dunning_letters(run_id: int, *, actor: Actor) -> int:
    """Send the letters of an approved run that have not left yet; how many left now.

    For the worker: printing takes its time and happens outside any transaction. Running twice,
    or at once, sends nothing twice. One that cannot leave keeps no other back: what is refused
    is raised when all have been tried.
    """
    waiting = DunningLetter.objects.filter(
        run=run_id, run__state=DunningRunState.APPROVED, sent_at=None, dropped_at=None
    )
    sent, refusals = 0, dict[str, RuleViolation]()
    for letter_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
        try:
            sent += send_dunning_letter(letter_id, actor=actor)
        except RuleViolation as refusal:
            refusals[str(refusal)] = refusal
    refuse_if(list(refusals.values()))
    return sent


def send_dunning_letter(letter_id: int, *, actor: Actor) -> bool:
    """Send one letter about what may still be asked for. True when it left now.

    It is printed first and sent only if nothing has changed meanwhile; else printed anew. Raises
    Busy when it changes again and again, so that it is not forgotten.
    """
    for _attempt in range(_ATTEMPTS):
        look = look_again(letter_id, actor=actor)
        if not look.notices:
            return False
        pdf = render_pdf(
            "pdf/dunning_letter.html",
            dunning_document(look.letter, look.notices, look.amounts),
            language=look.letter.customer.language,
        )
        if finish_letter(letter_id, look=look, pdf=pdf, actor=actor):
            return True
    raise Busy


@dataclass(frozen=True)
class Look:
    """What a letter would ask for at this moment: notices, and the amount of each."""

    letter: DunningLetter
    notices: Sequence[DunningNotice]
    amounts: dict[int, Decimal]


@command
def look_again(letter_id: int, *, actor: Actor) -> Look:
    """Drop from a letter, each with its reason, what must not be asked for any more.

    Paid, disputed, promised, covered by unapplied money, paused, below the smallest amount, or
    the bank's data has grown too old to know. The next run proposes again what is due then.
    Without a notice left the letter is dropped. Locks run, letter and items.
    """
    return _look(letter_id)


@command
def finish_letter(letter_id: int, *, look: Look, pdf: bytes, actor: Actor) -> bool:
    """File the printed letter, claim its charges and queue its mail, unless something changed.

    Locks run, letter and items. False when the letter must be printed anew.
    """
    now_due = _look(letter_id)
    letter, now = now_due.letter, clock.now()
    printed = look.amounts, look.letter.fee
    if (now_due.amounts, letter.fee) != printed or not now_due.notices:
        return False
    to = facts.recipients(letter.customer)
    letter.sent_at, letter.recipient = now, ", ".join(to)
    letter.save(update_fields=["sent_at", "recipient"])
    for notice in now_due.notices:
        notice.sent_at, notice.amount = now, now_due.amounts[notice.pk]
    DunningNotice.objects.bulk_update(now_due.notices, ["sent_at", "amount"])
    _claim_charges(now_due, actor)
    file = store_file(
        letter,
        pdf,
        name=f"{letter.number}.pdf",
        content_type="application/pdf",
        purpose="canonical_pdf",
        actor=actor,
    )
    if to:
        _queue_mail(now_due, to, file, actor)
    return True


def _queue_mail(look: Look, to: Sequence[str], file: Attachment, actor: Actor) -> None:
    """The mail that carries a letter, in the customer's language; it leaves once at most."""
    letter = look.letter
    document = dunning_document(letter, look.notices, look.amounts)
    with override(letter.customer.language):
        body = render_to_string("receivables/mail/dunning.txt", document)
    queue_message(
        letter,
        dedup_key=f"dunning letter {letter.pk}",
        to=to,
        subject=f"{document['title']} {letter.number}",
        body=body,
        attachments=[file],
        at_most_once=True,
        actor=actor,
    )


def _look(letter_id: int) -> Look:
    known = facts.letter_with_notices(letter_id)
    lock(DunningRun, known.run_id)
    letter = lock(DunningLetter, letter_id)
    if letter.sent_at or letter.dropped_at or known.run.state != DunningRunState.APPROVED:
        return Look(known, [], {})
    live = [notice for notice in known.notices.all() if notice.dropped_at is None]
    items = lock_all(OpenItem, [notice.open_item_id for notice in live])
    for notice in live:
        notice.open_item = items[notice.open_item_id]
    kept, amounts, dropped = _still_due(known, live)
    for notice, reason in dropped:
        notice.dropped_at, notice.dropped_reason = clock.now(), reason
    DunningNotice.objects.bulk_update(
        [notice for notice, _reason in dropped], ["dropped_at", "dropped_reason"]
    )
    if not kept:
        letter.dropped_at = clock.now()
        letter.save(update_fields=["dropped_at"])
    else:
        _make_milder(known, kept, amounts)
    return Look(known, kept, amounts)


def _make_milder(
    letter: DunningLetter, notices: Sequence[DunningNotice], amounts: Mapping[int, Decimal]
) -> None:
    """Let the letter speak as sternly, and cost as much, as what is left of its items deserves.

    It never costs more than what was approved.
    """
    approved = letter.level_id, letter.fee
    highest = max(notice.level for notice in notices)
    levels = letter.level.policy.levels.all()
    letter.level = next(level for level in levels if level.level == highest)
    base_currency = company().base_currency
    dunned = sum(
        (
            convert(amounts[notice.pk], notice.open_item.exchange_rate, base_currency)
            for notice in notices
            if notice.level == highest
        ),
        ZERO,
    )
    letter.fee = min(letter.fee, level_fee(letter.level.rule(), dunned, base_currency))
    if (letter.level_id, letter.fee) != approved:
        letter.save(update_fields=["level", "fee"])


def _still_due(
    letter: DunningLetter, notices: Sequence[DunningNotice]
) -> tuple[list[DunningNotice], dict[int, Decimal], list[tuple[DunningNotice, str]]]:
    """What may be asked for now, by notice; and what not, with the reason that weighs most."""
    today = clock.today()
    dues = facts.due_items([notice.open_item for notice in notices], today)
    cover = dict(facts.cover([letter.customer_id]))
    policies, known = facts.policies(), facts.bank_known_through()
    policy = policies.of(letter.customer_id) if policies else letter.level.policy
    rule = policies.rule(letter.customer_id, today) if policies else policy.rule()
    kept: list[DunningNotice] = []
    amounts: dict[int, Decimal] = {}
    dropped: list[tuple[DunningNotice, str]] = []
    for notice in sorted(notices, key=lambda n: (n.open_item.due_date, n.open_item_id)):
        currency = notice.open_item.currency
        account = (letter.customer_id, currency)
        left, excluded = claim(
            replace(dues[notice.open_item_id], waiting=False),  # it is this letter that waits
            rule,
            today,
            cover=cover.get(account, ZERO),
            stale_bank=is_stale(known.of(currency), today, policy.bank_days),
        )
        cover[account] = cover.get(account, ZERO) - covered_by(excluded)
        if left:
            kept.append(notice)
            amounts[notice.pk] = left
        else:
            dropped.append((notice, max(excluded, key=lambda e: e.amount).reason))
    return kept, amounts, dropped


def _claim_charges(look: Look, actor: Actor) -> None:
    """Fee and interest become a claim of their own per currency, booked as income."""
    base_currency = company().base_currency
    claims: dict[str, Decimal] = {base_currency: look.letter.fee}
    for notice in look.notices:
        currency = notice.open_item.currency
        claims[currency] = claims.get(currency, ZERO) + notice.interest
    today, policy = clock.today(), look.letter.level.policy
    items = [
        _charge(look.letter, currency, amount, base_currency, today)
        for currency, amount in claims.items()
        if amount
    ]
    if not items:
        return
    insert_rows(items)
    income: Any = policy.charge_account_id or Role.REVENUE.value
    claimed = [
        Posting(Role.AR.value, i.original, i.currency, i.base_original, i.customer_id)
        for i in items
    ]
    earned = [line.mirrored()._replace(account=income, customer_id=None) for line in claimed]
    source = (look.letter._meta.label_lower, look.letter.pk)
    post_entry(
        source, "charges", today, [*claimed, *earned], actor=actor, description=look.letter.number
    )


def _charge(
    letter: DunningLetter, currency: str, amount: Decimal, base_currency: str, today: Any
) -> OpenItem:
    rate = Decimal(1) if currency == base_currency else rate_on(currency, today)
    base = convert(amount, rate, base_currency)
    return OpenItem(
        kind=ItemKind.CHARGE,
        letter=letter,
        document_number=letter.number,
        customer_id=letter.customer_id,
        currency=currency,
        exchange_rate=rate,
        original=amount,
        open_amount=amount,
        base_original=base,
        base_open=base,
        posting_date=today,
        document_date=today,
        due_date=today + timedelta(days=letter.level.policy.charge_days),
    )
