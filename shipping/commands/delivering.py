"""The customer has the goods: who signed, what was taken, what was refused and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.attachments import Attachment, store_file
from o2c.core.bulk import update_rows
from o2c.core.commands import command
from o2c.core.days import PastMoment
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.transitions import refuse_blocked, transition
from o2c.masters.models import BillingPolicy
from o2c.web.formats import moment_text, number_text
from orders.commands.locking import lock_order_of
from shipping import rules
from shipping.adapters import BadPicture, read_picture
from shipping.commands.figures import refuse_uncountable
from shipping.commands.locking import lock_lines
from shipping.commands.returning import begin_return
from shipping.models import ProofOfDelivery, Shipment, ShipmentLine


@command
def record_delivery(
    shipment_id: int,
    *,
    signed_by: str,
    actor: Actor,
    delivered_at: PastMoment | None = None,
    accepted: Mapping[int, Decimal] | None = None,
    reasons: Mapping[int, str] | None = None,
    signature: bytes = b"",
    note: str = "",
) -> Shipment:
    """Record the proof of delivery: name, time (now when absent), picture of the signature.

    `accepted` maps shipment lines to what the customer took; a line not mentioned was taken in
    full. What was refused needs a reason and is announced as a return.
    Raises RuleViolations.
    """
    order = lock_order_of(Shipment, shipment_id)
    shipment, lines = lock_lines(order, shipment_id)
    require(actor, shipment.permission("deliver"))
    refuse_blocked(shipment, "deliver")
    moment = delivered_at or clock.now()
    reasons = reasons or {}
    shipped = {line.pk: line.quantity for line in lines}
    _refuse_bad_proof(shipment, signed_by, moment)
    _refuse_bad_quantities(lines, shipped, accepted or {}, reasons)
    refused = rules.refused_quantities(shipped, accepted or {})
    _refuse_twice_sent_back(lines, refused)
    picture = _keep_signature(shipment, signature, actor) if signature else None
    ProofOfDelivery.objects.create(
        shipment=shipment,
        signed_by=signed_by.strip(),
        signature=picture,
        delivered_at=moment,
        accepted={
            str(line.pk): _told(line, refused.get(line.pk, rules.ZERO), reasons) for line in lines
        },
        note=note.strip(),
        recorded_by=actor.get_username(),
    )
    if refused:
        _send_back(shipment, lines, refused, reasons, actor)
    return transition(
        shipment,
        "deliver",
        actor=actor,
        signed_by=signed_by.strip(),
        delivered_at=moment,
        refused=sum(refused.values(), rules.ZERO) or None,
        billable=order.billing_policy == BillingPolicy.DELIVERED,
    )


def _refuse_bad_proof(shipment: Shipment, signed_by: str, moment: datetime) -> None:
    problems = []
    if not signed_by.strip():
        problems.append(RuleViolation(_("Say who signed for the goods."), field="signed_by"))
    if moment > clock.now():
        text = _("The delivery lies in the future.")
        problems.append(RuleViolation(text, field="delivered_at"))
    if shipment.dispatched_at and moment < shipment.dispatched_at:
        text = _("The goods left on %(moment)s; they cannot have arrived before.")
        problems.append(
            RuleViolation(
                text % {"moment": moment_text(shipment.dispatched_at)}, field="delivered_at"
            )
        )
    refuse_if(problems)


def _refuse_bad_quantities(
    lines: Sequence[ShipmentLine],
    shipped: Mapping[int, Decimal],
    accepted: Mapping[int, Decimal],
    reasons: Mapping[int, str],
) -> None:
    refuse_uncountable({line.pk: line.item for line in lines}, accepted, "accepted")
    items = {line.pk: line.item.code for line in lines}
    sentences = {
        rules.Fault.UNKNOWN_LINE: _("Line %(line)s is not in this shipment."),
        rules.Fault.NEGATIVE: _("%(item)s: a quantity is not negative."),
        rules.Fault.TOO_MUCH: _("%(item)s: %(quantity)s accepted, only %(most)s were shipped."),
        rules.Fault.NO_REASON: _("%(item)s: %(quantity)s refused. Say why."),
    }
    refuse_if(
        [
            RuleViolation(
                sentences[found.fault]
                % {
                    "line": found.line_id,
                    "item": items.get(found.line_id, ""),
                    "quantity": number_text(found.quantity),
                    "most": number_text(found.most),
                },
                field=f"accepted_{found.line_id}",
            )
            for found in rules.check_delivery(shipped, accepted, reasons)
        ]
    )


def _refuse_twice_sent_back(lines: Sequence[ShipmentLine], refused: Mapping[int, Decimal]) -> None:
    """What is announced to come back already cannot be refused on top of it."""
    text = _(
        "%(item)s: %(quantity)s refused, but %(back)s of %(shipped)s are back or on their way."
    )
    refuse_if(
        [
            RuleViolation(
                text
                % {
                    "item": line.item.code,
                    "quantity": number_text(refused[line.pk]),
                    "back": number_text(line.announced + line.returned),
                    "shipped": number_text(line.quantity),
                },
                field=f"accepted_{line.pk}",
            )
            for line in lines
            if line.item.is_stocked and refused.get(line.pk, rules.ZERO) > line.returnable
        ]
    )


def _keep_signature(shipment: Shipment, signature: bytes, actor: Actor) -> Attachment:
    """Store the picture of the signature, cleaned."""
    try:
        picture = read_picture(signature)
    except BadPicture:
        raise RuleViolation(
            _("The signature is not a picture we can read. Use PNG, JPEG or WebP."),
            field="signature",
        ) from None
    return store_file(
        shipment,
        picture.data,
        name=f"signature-{shipment}.{picture.extension}",
        content_type=picture.content_type,
        purpose="signature",
        actor=actor,
    )


def _told(line: ShipmentLine, refused: Decimal, reasons: Mapping[int, str]) -> dict[str, str]:
    """What the proof says of one line."""
    told = {"accepted": str(line.quantity - refused)}
    if refused:
        told |= {"refused": str(refused), "reason": reasons[line.pk].strip()}
    return told


def _send_back(
    shipment: Shipment,
    lines: Sequence[ShipmentLine],
    refused: Mapping[int, Decimal],
    reasons: Mapping[int, str],
    actor: Actor,
) -> None:
    """What was refused is on its way back: an announced return. Services do not travel."""
    for line in lines:
        line.refused = refused.get(line.pk, rules.ZERO)
    update_rows([line for line in lines if line.refused], ["refused"])
    goods = {line.pk: line.refused for line in lines if line.refused and line.item.is_stocked}
    if goods:
        begin_return(
            shipment,
            lines,
            goods,
            reason=_("Refused at delivery"),
            reasons=reasons,
            actor=actor,
        )
