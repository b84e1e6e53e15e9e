"""The story from the first day to this one."""

from collections.abc import Callable
from datetime import date, timedelta

from invoicing.commands import render_invoice_pdf
from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.actors import SystemActor
from o2c.core.pdf_support import pdf_problem
from o2c.ledger.commands import close_period
from o2c.ledger.models import Period
from o2c.rehearsal.demo import debts, scenes
from o2c.rehearsal.demo.calendar import FRIDAY, business_day_before, business_days, hour
from o2c.rehearsal.demo.cash import Cash
from o2c.rehearsal.demo.founding import FOUNDER, found
from o2c.rehearsal.demo.people import Staff, hand_out_keys, hire
from o2c.rehearsal.demo.trade import Trade
from receivables.commands import approve_dunning_run, propose_dunning, send_dunning_letters

DAYS = 90
SIGNED_OFF_AFTER = timedelta(days=14)
REMINDED_BEFORE = timedelta(days=26)
CLOSED_AFTER = timedelta(days=50)
DOCUMENTS = 5  # invoices whose PDF is drawn already
Tell = Callable[[str], None]


def play(tell: Tell, *, volume: int = 1) -> None:
    """Found the company, trade for ninety days, leave something to do in every corner.

    volume: how many times the orders, stock and credit of the demo.
    """
    today = clock.today()
    first = today - timedelta(days=DAYS)
    with clock.at(hour(first, 7)):
        staff = hire(actor=FOUNDER)
        tell("company, masters and stock")
        found(first, staff, volume)
    trade, cash = Trade(staff, volume), Cash(staff)
    days = list(business_days(first, business_day_before(today)))
    for number, day in enumerate(days, 1):
        trade.day(day)
        cash.see_bills()
        if day.weekday() == FRIDAY and day != days[-1]:
            tell(f"business until {day:%d %B}")
            for statement in cash.bank_day(day):
                with clock.at(hour(day, 18, 30)):
                    cash.settle(statement, sign_off=day < today - SIGNED_OFF_AFTER)
                    cash.tell_credit()
        if number == len(days) - REMINDED_BEFORE.days * 5 // 7:
            _remind(day, staff)
    with clock.at(hour(days[-1], 19)):
        _close_first_month(today, staff)
    tell("today")
    debts.leave_work(trade, cash, days[-1])
    scenes.leave_work(trade)
    cash.tell_credit()
    _draw_documents()
    hand_out_keys(staff, actor=FOUNDER)


def _remind(day: date, staff: Staff) -> None:
    """One dunning run of the past: proposed, approved by another person, sent."""
    with clock.at(hour(day, 19)):
        run = propose_dunning(actor=staff["cora"])
        approve_dunning_run(run.pk, actor=staff["corinna"])
        if not pdf_problem():
            send_dunning_letters(run.pk, actor=SystemActor("dunning"))


def _close_first_month(today: date, staff: Staff) -> None:
    month = Period.objects.order_by("start_date").first()
    if month is not None and month.end_date < today - CLOSED_AFTER:
        close_period(month.pk, actor=staff["corinna"])


def _draw_documents() -> None:
    """The worker would draw them too, but then the first look would have to wait."""
    if pdf_problem():
        return
    for invoice_id in (
        Invoice.objects.posted().order_by("-pk").values_list("pk", flat=True)[:DOCUMENTS]
    ):
        render_invoice_pdf(invoice_id)
