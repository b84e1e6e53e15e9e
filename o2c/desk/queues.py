"""Work that waits, counted, by the right that does it: the home of every role.

A queue is shown to whoever may do its work. Each count is one cheap statement.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credit.models import CreditCheck
from fulfillment.models import PickList
from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.models import Delivery, DeliveryState, MessageState, OutgoingMessage
from orders.models import Order
from receivables.models import DunningRun, OpenItem, Payment, WriteOff
from reconciliation.models import BankStatement, Match
from reconciliation.queries import open_lines
from shipping.models import Return, Shipment


@dataclass(frozen=True)
class Queue:
    """One kind of waiting work: what to do, how many, where."""

    label: str | Promise
    hint: str | Promise
    right: str
    url_name: str
    query: str
    icon: str
    count: Callable[[], int]


@dataclass(frozen=True)
class Waiting:
    """A queue with its present count."""

    label: str | Promise
    hint: str | Promise
    url: str
    icon: str
    count: int


def _of_state(model: type, *states: str) -> Callable[[], int]:
    return lambda: model.objects.filter(state__in=states).count()  # type: ignore[attr-defined]


QUEUES = [
    Queue(
        _("Orders to submit"),
        _("Drafts that somebody began"),
        "orders.submit_order",
        "orders:order_list",
        "?tab=all&state=draft",
        "pencil",
        _of_state(Order, "draft"),
    ),
    Queue(
        _("Orders to confirm"),
        _("Handed in, waiting for our promise"),
        "orders.confirm_order",
        "orders:order_list",
        "?tab=all&state=submitted",
        "inbox",
        _of_state(Order, "submitted"),
    ),
    Queue(
        _("Orders on hold"),
        _("Nothing is picked until somebody decides"),
        "orders.resume_order",
        "orders:order_list",
        "?tab=all&state=on_hold",
        "pause",
        _of_state(Order, "on_hold"),
    ),
    Queue(
        _("Credit checks to decide"),
        _("Over limit, overdue, new or blocked"),
        "credit.approve_check",
        "credit:check_list",
        "",
        "shield-alert",
        _of_state(CreditCheck, "held"),
    ),
    Queue(
        _("Lists to pick"),
        _("Released orders in walking order"),
        "fulfillment.confirm_pick_list",
        "fulfillment:pick_list_list",
        "?tab=all&state=planned&state=picking",
        "list-checks",
        _of_state(PickList, "planned", "picking"),
    ),
    Queue(
        _("Lists to pack"),
        _("Picked, waiting for a package"),
        "fulfillment.pack_pick_list",
        "fulfillment:pick_list_list",
        "?tab=all&state=picked",
        "package",
        _of_state(PickList, "picked"),
    ),
    Queue(
        _("Shipments to dispatch"),
        _("Packed and ready to leave"),
        "shipping.dispatch_shipment",
        "shipping:shipment_list",
        "?tab=all&state=planned",
        "truck",
        _of_state(Shipment, "planned"),
    ),
    Queue(
        _("Deliveries to prove"),
        _("On their way, without a signature"),
        "shipping.deliver_shipment",
        "shipping:shipment_list",
        "?tab=all&state=dispatched",
        "signature",
        _of_state(Shipment, "dispatched"),
    ),
    Queue(
        _("Returns to receive"),
        _("Announced by customers"),
        "shipping.receive_return",
        "shipping:return_list",
        "?tab=all&state=announced",
        "undo-2",
        _of_state(Return, "announced"),
    ),
    Queue(
        _("Invoices to post"),
        _("Drafted from what left the house"),
        "invoicing.post_invoice",
        "invoicing:invoice_list",
        "?tab=all&state=draft",
        "receipt-text",
        _of_state(Invoice, "draft"),
    ),
    Queue(
        _("Credit notes to approve"),
        _("Proposed by somebody else"),
        "invoicing.approve_invoice",
        "invoicing:invoice_list",
        "?tab=all&state=proposed",
        "file-check",
        _of_state(Invoice, "proposed"),
    ),
    Queue(
        _("Mail that did not leave"),
        _("Failed, or unclear whether sent"),
        "core.resend_message",
        "invoicing:message_list",
        "",
        "mail-warning",
        lambda: OutgoingMessage.objects.filter(
            state__in=[MessageState.FAILED, MessageState.UNCERTAIN]
        ).count(),
    ),
    Queue(
        _("Items overdue"),
        _("Owed past their due date"),
        "receivables.record_promise",
        "receivables:open_item_list",
        "",
        "clock-alert",
        lambda: OpenItem.objects.overdue(clock.today()).count(),
    ),
    Queue(
        _("Dunning runs to approve"),
        _("Nothing is sent before"),
        "receivables.approve_dunning_run",
        "receivables:dunning_run_list",
        "",
        "bell-ring",
        _of_state(DunningRun, "proposed"),
    ),
    Queue(
        _("Write-offs to decide"),
        _("Asked for by somebody else"),
        "receivables.approve_write_off",
        "receivables:write_off_list",
        "",
        "scissors",
        _of_state(WriteOff, "requested"),
    ),
    Queue(
        _("Bank lines to explain"),
        _("Money in that nobody has applied"),
        "reconciliation.apply_match",
        "reconciliation:bank_line_list",
        "",
        "arrow-left-right",
        lambda: open_lines().filter(amount__gt=0).count(),
    ),
    Queue(
        _("Sure matches to apply"),
        _("Named and equal to the cent"),
        "reconciliation.apply_match",
        "reconciliation:bank_line_list",
        "?tab=exact",
        "equal",
        lambda: Match.objects.filter(state="proposed", tier="exact").count(),
    ),
    Queue(
        _("Payments without payer"),
        _("On the bank suspense account"),
        "receivables.assign_payment",
        "receivables:payment_list",
        "",
        "user-search",
        _of_state(Payment, "unassigned"),
    ),
    Queue(
        _("Statements that do not add up"),
        _("Accept with a reason, or ask the bank"),
        "reconciliation.accept_bank_statement",
        "reconciliation:bank_statement_list",
        "?tab=problem",
        "triangle-alert",
        lambda: BankStatement.objects.exclude(problem="").filter(accepted_reason="").count(),
    ),
    Queue(
        _("Stuck work"),
        _("Deliveries that need a person"),
        "desk.view_stuck_work",
        "desk:stuck_work",
        "",
        "octagon-alert",
        lambda: Delivery.objects.filter(
            state__in=[DeliveryState.PARKED, DeliveryState.DEAD]
        ).count(),
    ),
]


def waiting_for(user: Actor) -> list[Waiting]:
    """The queues this user may work on, fullest need first in process order. One query each."""
    return [
        Waiting(
            queue.label, queue.hint, reverse(queue.url_name) + queue.query, queue.icon,
            queue.count(),
        )
        for queue in QUEUES
        if user.has_perm(queue.right)
    ]  # fmt: skip
