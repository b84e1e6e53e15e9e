"""A bank line that is a payment entered by hand, or the return of one."""

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.bulk import update_rows
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from o2c.core.transitions import begin, transition
from receivables.commands import join_bank_line, return_payment
from receivables.models import Payment
from reconciliation.commands.applying import refuse_untrusted
from reconciliation.commands.matching import refuse_explained, take_line
from reconciliation.models import BankLine, Match, MatchKind, MatchTier


@command
def join_payment(line_id: int, *, payment_id: int, actor: Actor) -> Match:
    """Say that a bank line is a payment that was entered by hand before it came.

    Nothing is posted: the bank has it once already. Locks line, then payment. Raises RuleViolation
    when account, direction, currency or amount differ, and when it is another line already.
    """
    require(actor, Match.permission("apply"))
    line = _line(line_id, actor)
    payment = _payment(payment_id)
    if payment.bank_account_id != line.account_id or payment.currency != line.currency:
        raise RuleViolation(
            _("%(payment)s is on another account than %(line)s.")
            % {"payment": payment, "line": line},
            field="payment",
        )
    if payment.sign * payment.on_bank != line.amount:
        raise RuleViolation(
            _("%(payment)s is not of the amount of %(line)s.") % {"payment": payment, "line": line},
            field="payment",
        )
    match = _match(line, payment, MatchKind.JOINS, actor)
    join_bank_line(payment.pk, bank_line_id=line.pk, actor=actor)
    _settle(line, payment)
    return match


@command
def match_return(line_id: int, *, payment_id: int, reason: str = "", actor: Actor) -> Match:
    """Say that a bank line of money out takes a payment back; what it is more is the bank's fee.

    It works after the payment's own statement is signed off. `reason` is by default what the bank
    said. Locks line, payment, then its items. Raises RuleViolation.
    """
    require(actor, Match.permission("apply"))
    line = _line(line_id, actor)
    payment = _payment(payment_id)
    fee = -line.amount - payment.total
    if line.amount >= 0 or fee < 0 or payment.currency != line.currency:
        raise RuleViolation(
            _("%(line)s cannot return %(payment)s: it must be money out of at least that amount.")
            % {"payment": payment, "line": line},
            field="payment",
        )
    if payment.bank_account_id != line.account_id:
        raise RuleViolation(
            _("%(payment)s is on another account than %(line)s.")
            % {"payment": payment, "line": line},
            field="payment",
        )
    match = _match(line, payment, MatchKind.RETURNS, actor)
    said = " ".join(filter(None, (line.return_reason, line.return_text))) or line.text
    back = return_payment(
        payment.pk,
        reason=reason or said or _("The bank took it back."),
        returned_date=line.entry_date,
        value_date=line.value_date,
        fee=fee,
        bank_line_id=line.pk,
        actor=actor,
    )
    _settle(line, back)
    return match


def _line(line_id: int, actor: Actor) -> BankLine:
    line = take_line(line_id, reason="chosen by hand", actor=actor)
    refuse_explained(line)
    refuse_untrusted(line.statement)
    return line


def _payment(payment_id: int) -> Payment:
    """A payment as it stands; what must not change under us is looked at again when it is held."""
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise NotFound(_("There is no payment %(pk)s.") % {"pk": payment_id}, field="payment")
    return payment


def _match(line: BankLine, payment: Payment, kind: MatchKind, actor: Actor) -> Match:
    match = begin(
        Match(
            bank_line=line,
            kind=kind,
            tier=MatchTier.MANUAL,
            payer_id=payment.customer_id,
            evidence=[{"kind": str(kind), "value": str(payment), "other": actor.get_username()}],
            on_account=line.size,
        ),
        actor=actor,
        event="chosen",
    )
    return transition(match, "apply", actor=actor, line=str(line), tier=match.tier)


def _settle(line: BankLine, payment: Payment) -> None:
    line.payment = payment
    update_rows([line], ["payment"])
