"""A bank line that is a payment entered by hand, or the return of one."""

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.bulk import update_rows
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from o2c.core.money import ZERO
from o2c.core.transitions import begin, transition
from receivables.commands import join_bank_line, return_payment
from receivables.commands.repayments import lock_all_with_partners
from receivables.models import Payment, PaymentState
from reconciliation.commands.matching import refuse_explained, refuse_untrusted, take_line
from reconciliation.models import BankLine, Match, MatchKind, MatchTier
from reconciliation.queries import booking_day


@command
def join_payment(line_id: int, *, payment_id: int, actor: Actor) -> Match:
    """Say that a bank line is a payment that was entered by hand before it came.

    Nothing is posted: the bank has it once already. Locks line, then payment. Raises RuleViolation
    when account, direction, currency or amount differ, and when it is another line already.
    """
    return _choose(line_id, payment_id, MatchKind.JOINS, actor=actor)


@command
def match_return(line_id: int, *, payment_id: int, reason: str = "", actor: Actor) -> Match:
    """Say that a bank line of money out takes a payment back; what it is more is the bank's fee.

    It works after the payment's own statement is signed off. `reason` is by default what the bank
    said. Locks line, payment, then its items. Raises RuleViolation.
    """
    return _choose(line_id, payment_id, MatchKind.RETURNS, reason=reason, actor=actor)


def _choose(
    line_id: int, payment_id: int, kind: MatchKind, *, actor: Actor, reason: str = ""
) -> Match:
    require(actor, Match.permission("apply"))
    line = take_line(line_id, reason="chosen by hand", actor=actor)
    refuse_explained(line)
    refuse_untrusted(line.statement)
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise NotFound(_("There is no payment %(pk)s.") % {"pk": payment_id}, field="payment")
    match = begin(
        Match(
            bank_line=line,
            kind=kind,
            payment=payment,
            tier=MatchTier.MANUAL,
            payer_id=payment.customer_id,
            evidence=[{"kind": str(kind), "value": str(payment), "other": actor.get_username()}],
            on_account=line.size,
        ),
        actor=actor,
        event="chosen",
    )
    return carry_out(match, line, reason=reason, actor=actor)


def carry_out(match: Match, line: BankLine, *, reason: str = "", actor: Actor) -> Match:
    """Apply a match to a payment that is in the books: the held line is it, or takes it back.

    Locks the payment, then its items. Raises RuleViolation when it is no longer as the match says.
    """
    payment = match.payment
    assert payment is not None, match
    refuse = _refuse_other if match.kind == MatchKind.JOINS else _refuse_no_return
    refuse(line, payment)
    transition(match, "apply", actor=actor, line=str(line), tier=match.tier)
    if match.kind == MatchKind.JOINS:
        line.payment = join_bank_line(payment.pk, bank_line_id=line.pk, actor=actor)
    else:
        line.payment = _return(line, payment, reason, actor)
    update_rows([line], ["payment"])
    return match


def _return(line: BankLine, payment: Payment, reason: str, actor: Actor) -> Payment:
    """The payments out that take back a payment, or all that came with it by one line; the main
    one, which has the fee."""
    came = _came_together(line, payment)
    lock_all_with_partners([one.pk for one in came])
    rest = line.size - sum((one.total for one in came), ZERO)
    said = " ".join(filter(None, (line.return_reason, line.return_text))) or line.text
    day = booking_day(line)
    backs = [
        return_payment(
            one.pk,
            reason=reason or said or _("The bank took it back."),
            returned_date=day,
            value_date=line.value_date,
            fee=rest if part == 1 else ZERO,
            bank_line_id=line.pk,
            bank_line_part=part,
            actor=actor,
        )
        for part, one in enumerate(came, 1)
    ]
    return backs[0]


def _came_together(line: BankLine, payment: Payment) -> list[Payment]:
    """The payment, with those of other payers by the same line where this line is all of them."""
    if payment.bank_line_id is None:
        return [payment]
    together = Payment.objects.filter(bank_line_id=payment.bank_line_id).exclude(
        state=PaymentState.REVERSED
    )
    every = list(together.order_by("bank_line_part"))
    return every if sum((one.total for one in every), ZERO) <= line.size else [payment]


def _refuse_other(line: BankLine, payment: Payment) -> None:
    """Refuse a payment that is not what the line says; what it is does not change under us."""
    _refuse_other_account(line, payment)
    booked = payment.sign * payment.on_bank
    if booked == line.amount:
        return
    text = _("%(payment)s is not of the amount of %(line)s.")
    if booked * line.amount > 0 and payment.on_bank > line.size:
        text = _(
            "%(payment)s is larger than %(line)s, and a payment is one line. If several lines are "
            "it, reverse the payment and apply the lines: the bank must not have it twice."
        )
    raise RuleViolation(text % {"payment": payment, "line": line}, field="payment")


def _refuse_no_return(line: BankLine, payment: Payment) -> None:
    """Refuse a line that cannot take the payment back."""
    _refuse_other_account(line, payment)
    if line.amount >= 0 or line.size < payment.total:
        raise RuleViolation(
            _("%(line)s cannot return %(payment)s: it must be money out of at least that amount.")
            % {"payment": payment, "line": line},
            field="payment",
        )


def _refuse_other_account(line: BankLine, payment: Payment) -> None:
    if payment.bank_account_id != line.account_id or payment.currency != line.currency:
        raise RuleViolation(
            _("%(payment)s is on another account than %(line)s.")
            % {"payment": payment, "line": line},
            field="payment",
        )
