"""Work that waits, by the right that does it: the home of every role.

A queue is shown to whoever may do its work, with its count and its first rows, each a way into
the work itself. Rows are read only where the count says that something waits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from credit.models import CheckState, CreditCheck
from fulfillment.models import PickList, PickListState
from invoicing.models import Invoice, InvoiceState
from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.models import STUCK_STATES, OutgoingMessage
from o2c.desk import queries
from o2c.web.formats import date_text, money_text
from o2c.web.links import page_url
from o2c.web.timeline import event_title
from orders.models import Order, OrderState
from receivables.models import (
    DunningRun,
    DunningRunState,
    OpenItem,
    Payment,
    PaymentState,
    WriteOff,
    WriteOffState,
)
from reconciliation.models import BankStatement, MatchState, MatchTier, StatementState
from reconciliation.queries import lines_to_work, matches
from shipping.models import Return, ReturnState, Shipment, ShipmentState

#: How many rows of a queue the home shows.
SHOWN = 3


@dataclass(frozen=True)
class Queue:
    """One kind of waiting work: what to do, where, which rows, and what to say of a row."""

    label: str | Promise
    hint: str | Promise
    right: str
    url_name: str
    query: str
    icon: str
    rows: Callable[[], "QuerySet[Any]"]
    about: Callable[[Any], tuple[Any, str]]
    page: str = ""  # URL name of a row's page, where the row itself knows none


@dataclass(frozen=True)
class Piece:
    """One row that waits: its name, its page, whom it is about and how much (or empty)."""

    name: str
    url: str
    about: str
    figure: str


@dataclass(frozen=True)
class Waiting:
    """A queue with its present count and its first rows."""

    label: str | Promise
    hint: str | Promise
    url: str
    icon: str
    count: int
    pieces: list[Piece] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many wait beyond the rows that are shown."""
        return self.count - len(self.pieces)


@dataclass(frozen=True)
class Start:
    """A way to begin something, offered on the home of whoever may; reports are never primary."""

    label: str | Promise
    right: str
    url_name: str
    icon: str
    is_report: bool = False


#: The pick screen has its own frame, so its link is an ordinary one (see home.html).
STARTS = [
    Start(_("New order"), "orders.capture_order", "orders:order_new", "plus"),
    Start(
        _("Pick screen"), "fulfillment.start_pick_list", "fulfillment:floor_home", "scan-barcode"
    ),
    Start(
        _("Import a bank statement"), "reconciliation.import_bank_statement",
        "reconciliation:bank_statement_import", "file-up",
    ),
    Start(
        _("Propose reminders"), "receivables.propose_dunning", "receivables:dunning_run_new",
        "bell-ring",
    ),
    Start(
        _("Aging"), "receivables.view_receivables", "receivables:aging", "calendar-clock", True
    ),
    Start(_("Trial balance"), "ledger.view_ledger", "ledger:trial_balance", "scale", True),
    Start(
        _("Verification"), "desk.view_verification", "desk:verification", "badge-check", True
    ),
]  # fmt: skip


def _of_state(model: Any, *states: str, join: str = "customer") -> Callable[[], "QuerySet[Any]"]:
    """The rows of model in these states, oldest first, with what their words need."""
    return lambda: model.objects.filter(state__in=states).select_related(join).order_by("pk")


def _value(row: Any) -> tuple[Any, str]:
    return row.customer.name, money_text(row.gross, row.currency)


def _buyer(row: Any) -> tuple[Any, str]:
    return row.customer.name, ""


def _order_buyer(row: PickList) -> tuple[Any, str]:
    return row.order.customer.name, str(row.order)


def _line(line: Any) -> tuple[Any, str]:
    return line.counterparty_name or line.text, money_text(line.amount, line.currency)


def _payment(row: Payment) -> tuple[Any, str]:
    amount: Any = row.amount  # the field's descriptor makes it Money
    return row.payer_name or row.reference, money_text(amount.amount, str(amount.currency))


QUEUES = [
    Queue(
        _("Orders to submit"),
        _("Drafts that somebody began"),
        "orders.submit_order",
        "orders:order_list",
        "?tab=all&state=draft",
        "pencil",
        _of_state(Order, OrderState.DRAFT),
        _value,
    ),
    Queue(
        _("Orders to confirm"),
        _("Handed in, waiting for our promise"),
        "orders.confirm_order",
        "orders:order_list",
        "?tab=all&state=submitted",
        "inbox",
        _of_state(Order, OrderState.SUBMITTED),
        _value,
    ),
    Queue(
        _("Orders on hold"),
        _("Nothing is picked until somebody decides"),
        "orders.resume_order",
        "orders:order_list",
        "?tab=all&state=on_hold",
        "pause",
        _of_state(Order, OrderState.ON_HOLD),
        _value,
    ),
    Queue(
        _("Credit checks to decide"),
        _("Over limit, overdue, new or blocked"),
        "credit.approve_check",
        "credit:check_list",
        "",
        "shield-alert",
        _of_state(CreditCheck, CheckState.HELD, join="order__customer"),
        lambda row: (row.order.customer.name, money_text(row.amount, row.currency)),
    ),
    Queue(
        _("Lists to pick"),
        _("Released orders in walking order"),
        "fulfillment.confirm_pick_list",
        "fulfillment:pick_list_list",
        "?tab=all&state=planned&state=picking",
        "list-checks",
        _of_state(PickList, PickListState.PLANNED, PickListState.PICKING, join="order__customer"),
        _order_buyer,
    ),
    Queue(
        _("Lists to pack"),
        _("Picked, waiting for a package"),
        "fulfillment.pack_pick_list",
        "fulfillment:pick_list_list",
        "?tab=all&state=picked",
        "package",
        _of_state(PickList, PickListState.PICKED, join="order__customer"),
        _order_buyer,
    ),
    Queue(
        _("Shipments to dispatch"),
        _("Packed and ready to leave"),
        "shipping.dispatch_shipment",
        "shipping:shipment_list",
        "?tab=all&state=planned",
        "truck",
        _of_state(Shipment, ShipmentState.PLANNED),
        _buyer,
    ),
    Queue(
        _("Deliveries to prove"),
        _("On their way, without a signature"),
        "shipping.deliver_shipment",
        "shipping:shipment_list",
        "?tab=all&state=dispatched",
        "signature",
        _of_state(Shipment, ShipmentState.DISPATCHED),
        _buyer,
    ),
    Queue(
        _("Returns to receive"),
        _("Announced by customers"),
        "shipping.receive_return",
        "shipping:return_list",
        "?tab=all&state=announced",
        "undo-2",
        _of_state(Return, ReturnState.ANNOUNCED),
        _buyer,
    ),
    Queue(
        _("Invoices to post"),
        _("Drafted from what left the warehouse"),
        "invoicing.post_invoice",
        "invoicing:invoice_list",
        "?tab=all&state=draft",
        "receipt-text",
        _of_state(Invoice, InvoiceState.DRAFT),
        _value,
    ),
    Queue(
        _("Credit notes to approve"),
        _("Proposed by somebody else"),
        "invoicing.approve_invoice",
        "invoicing:invoice_list",
        "?tab=all&state=proposed",
        "file-check",
        _of_state(Invoice, InvoiceState.PROPOSED),
        _value,
    ),
    Queue(
        _("Mail that did not leave"),
        _("Failed, or unclear whether sent"),
        "core.resend_message",
        "invoicing:message_list",
        "",
        "mail-warning",
        lambda: OutgoingMessage.objects.filter(state__in=STUCK_STATES).order_by("pk"),
        lambda row: (row.to, ""),
        "invoicing:message_detail",
    ),
    Queue(
        _("Items overdue"),
        _("Owed past their due date"),
        "receivables.record_promise",
        "receivables:open_item_list",
        "",
        "clock-alert",
        lambda: (
            OpenItem.objects.overdue(clock.today())
            .select_related("customer")
            .order_by("due_date", "pk")
        ),
        lambda row: (row.customer.name, money_text(row.open_amount, row.currency)),
    ),
    Queue(
        _("Dunning runs to approve"),
        _("Nothing is sent before"),
        "receivables.approve_dunning_run",
        "receivables:dunning_run_list",
        "",
        "bell-ring",
        lambda: DunningRun.objects.filter(state=DunningRunState.PROPOSED).order_by("pk"),
        lambda row: (f"{_('Reminders')}: {row.letter_count}", date_text(row.run_date)),
    ),
    Queue(
        _("Write-offs to decide"),
        _("Asked for by somebody else"),
        "receivables.approve_write_off",
        "receivables:write_off_list",
        "",
        "scissors",
        _of_state(WriteOff, WriteOffState.REQUESTED),
        lambda row: (row.customer.name, money_text(row.amount, row.currency)),
    ),
    Queue(
        _("Pay-outs to decide"),
        _("More than the customer has with us"),
        "receivables.approve_payment",
        "receivables:payment_list",
        "?tab=waiting",
        "banknote",
        _of_state(Payment, PaymentState.WAITING),
        lambda row: (row.customer.name, money_text(row.total, row.currency)),
    ),
    Queue(
        _("Bank lines to explain"),
        _("Money that nobody has applied"),
        "reconciliation.apply_match",
        "reconciliation:bank_line_list",
        "",
        "arrow-left-right",
        lambda: lines_to_work().order_by("entry_date", "pk"),
        _line,
    ),
    Queue(
        _("Sure matches to apply"),
        _("Named and equal to the cent"),
        "reconciliation.apply_match",
        "reconciliation:bank_line_list",
        "?tab=exact",
        "equal",
        lambda: matches().filter(state=MatchState.PROPOSED, tier=MatchTier.EXACT).order_by("pk"),
        lambda row: _line(row.bank_line),
    ),
    Queue(
        _("Payments without payer"),
        _("On the bank suspense account"),
        "receivables.assign_payment",
        "receivables:payment_list",
        "?tab=unassigned",
        "user-search",
        lambda: Payment.objects.filter(state=PaymentState.UNASSIGNED).order_by("pk"),
        _payment,
    ),
    Queue(
        _("Statements that do not add up"),
        _("Accept with a reason, or ask the bank"),
        "reconciliation.accept_bank_statement",
        "reconciliation:bank_statement_list",
        "?tab=problem",
        "triangle-alert",
        lambda: (
            BankStatement.objects.exclude(problem="")
            .filter(accepted_reason="", state=StatementState.IMPORTED)
            .select_related("account")
            .order_by("pk")
        ),
        lambda row: (row.account.name, ""),
    ),
    Queue(
        _("Stuck work"),
        _("Deliveries that need a person"),
        "desk.view_stuck_work",
        "desk:stuck_work",
        "",
        "octagon-alert",
        lambda: queries.stuck_deliveries().order_by("pk"),
        lambda row: (f"{event_title(row.event.name)}. {row.failure}", ""),
        "desk:stuck_work_detail",
    ),
]


def waiting_for(user: Actor) -> list[Waiting]:
    """The queues this user may work on, in the order of the process."""
    return [_waiting(queue) for queue in QUEUES if user.has_perm(queue.right)]


def _waiting(queue: Queue) -> Waiting:
    rows = queue.rows()
    count = rows.count()
    url = reverse(queue.url_name) + queue.query
    pieces = [
        Piece(capfirst(str(row)), _page_of(row, queue) or url, *map(str, queue.about(row)))
        for row in (rows[:SHOWN] if count else ())
    ]
    return Waiting(queue.label, queue.hint, url, queue.icon, count, pieces)


def _page_of(row: Any, queue: Queue) -> str:
    return reverse(queue.page, args=[row.pk]) if queue.page else page_url(row)


def starts_for(user: Actor) -> list[Start]:
    """What this user may begin."""
    return [start for start in STARTS if user.has_perm(start.right)]
