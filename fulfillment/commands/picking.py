"""Walking the list: start, report what was taken, deal with what was not there."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from fulfillment import rules
from fulfillment.commands.figures import uncountable
from fulfillment.commands.locking import lock_pick_lines
from fulfillment.commands.shorts import settle_shorts
from fulfillment.commands.stretching import stretch
from fulfillment.models import PickLine, PickList, PickListState, ShortReason
from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import update_rows
from o2c.core.commands import command, lock
from o2c.core.errors import NotPermitted, RuleViolation, refuse_if
from o2c.core.transitions import refuse_blocked, save_document, transition
from o2c.web.formats import number_text
from orders.commands.locking import lock_order_of, refuse_unworkable
from orders.commands.progress import lock_order, record_picked
from orders.models import Order


class Report(NamedTuple):
    """What the picker says of one line."""

    line: PickLine
    picked: Decimal
    reason: str
    result: rules.PickResult


@command
def start_pick(pick_list_id: int, *, actor: Actor) -> PickList:
    """Take a list from the pool; it is the actor's alone until it is picked or put back."""
    require(actor, PickList.permission("start"))
    order = lock_order_of(PickList, pick_list_id)
    refuse_unworkable(order)
    pick_list = lock(PickList, pick_list_id)
    pick_list.order = order
    if _is_in_other_hands(pick_list, actor):
        raise RuleViolation(
            _("%(list)s is being picked by %(picker)s.")
            % {"list": pick_list, "picker": pick_list.picker}
        )
    pick_list.picker = actor.get_username()
    return transition(pick_list, "start", actor=actor, picker=pick_list.picker)


@command
def put_back(pick_list_id: int, *, actor: Actor) -> PickList:
    """Return a list to the pool; what is picked so far stays picked.

    Its picker may, and who plans the lists.
    """
    order = lock_order_of(PickList, pick_list_id)
    pick_list = lock(PickList, pick_list_id)
    pick_list.order = order
    require(actor, pick_list.permission("put_back"))
    refuse_blocked(pick_list, "put_back")
    _refuse_other_hands(pick_list, actor)
    picker, pick_list.picker = pick_list.picker, ""
    return transition(pick_list, "put_back", actor=actor, picker=picker)


def _is_in_other_hands(pick_list: PickList, actor: Actor) -> bool:
    return pick_list.state == PickListState.PICKING and pick_list.picker != actor.get_username()


def _refuse_other_hands(pick_list: PickList, actor: Actor) -> None:
    """Refuse to meddle with what somebody else is picking. Raises NotPermitted."""
    if _is_in_other_hands(pick_list, actor) and not actor.has_perm(PickList.permission("plan")):
        raise NotPermitted(
            _(
                "%(list)s is being picked by %(picker)s. Only %(picker)s may do this, or "
                "somebody who plans pick lists."
            )
            % {"list": pick_list, "picker": pick_list.picker}
        )


@command
def confirm_pick(
    pick_list_id: int,
    *,
    actor: Actor,
    picked: Mapping[int, Decimal] | None = None,
    short_reasons: Mapping[int, str] | None = None,
) -> PickList:
    """Report picks: pick line -> how much was taken in all; None means everything in full.

    Lines that are not mentioned stay open. A short line needs a reason; its rest is fetched from
    another location when there is one, else it is a backorder. When every line is done the list
    is picked, or cancelled when nothing at all was found. What somebody is picking is reported
    by that picker, or by who plans the lists. Raises RuleViolations by line.
    """
    order = lock_order_of(PickList, pick_list_id)
    order, order_lines = lock_order(order.pk)
    pick_list, lines = lock_pick_lines(order, pick_list_id)
    require(actor, pick_list.permission("confirm"))
    refuse_unworkable(order)
    refuse_blocked(pick_list, "confirm")
    _refuse_other_hands(pick_list, actor)
    by_key = {line.pk: line for line in order_lines}
    if picked is not None:
        stretch(lines, picked, by_key, actor)
    reports = _judge(lines, picked, short_reasons or {})
    _write(reports)
    _record(order, reports, actor)
    shorts = [report for report in reports if report.result.missing]
    if shorts:
        missing = [(report.line, report.result.missing) for report in shorts]
        lines = lines + settle_shorts(pick_list, lines, missing, by_key, actor)
    return _finish(pick_list, lines, reports, actor)


def _judge(
    lines: Sequence[PickLine],
    picked: Mapping[int, Decimal] | None,
    reasons: Mapping[int, str],
) -> list[Report]:
    """Read what was reported, line by line. Raises RuleViolations with every problem."""
    if picked is None:
        picked = {line.pk: line.quantity for line in lines if not line.is_done}
    _refuse_unknown({*picked, *reasons} - {line.pk for line in lines})
    reports, problems = [], []
    for row, line in enumerate(lines):
        if line.pk not in picked:
            continue
        reason = reasons.get(line.pk, "")
        if line.is_done:
            verdict: rules.PickResult | str = _("Stop %(stop)s is done already.") % {"stop": line}
        else:
            verdict = _verdict(line, picked[line.pk], reason)
        if isinstance(verdict, str):
            problems.append(RuleViolation(verdict, field=f"picked_{line.pk}", row=row))
        else:
            reports.append(Report(line, picked[line.pk], reason, verdict))
    refuse_if(problems)
    if not reports:
        raise RuleViolation(_("Nothing was reported."))
    return reports


def _refuse_unknown(foreign: set[int]) -> None:
    if foreign:
        raise RuleViolation(_("Line %(line)s is not on this pick list.") % {"line": min(foreign)})


def _verdict(line: PickLine, picked: Decimal, reason: str) -> rules.PickResult | str:
    """What a report means, or the sentence that refuses it."""
    if problem := uncountable(picked, line.item):
        return problem
    if reason and reason not in ShortReason.values:
        return _("“%(reason)s” is not a reason for a short pick.") % {"reason": reason[:40]}
    answer = rules.judge_pick(line.quantity, line.picked, picked, reasoned=bool(reason))
    if isinstance(answer, rules.PickResult):
        return answer
    sentences = {
        rules.PickFault.NEGATIVE: _("Stop %(stop)s, %(item)s: a quantity is not negative."),
        rules.PickFault.LESS_THAN_BEFORE: _(
            "Stop %(stop)s, %(item)s: %(before)s were reported before, now only %(picked)s."
        ),
        rules.PickFault.TOO_MUCH: _(
            "Stop %(stop)s, %(item)s: %(picked)s picked, the list asks for %(quantity)s."
        ),
        rules.PickFault.NO_REASON: _(
            "Stop %(stop)s, %(item)s: %(picked)s of %(quantity)s picked. Say why it is short."
        ),
        rules.PickFault.NEEDLESS_REASON: _(
            "Stop %(stop)s, %(item)s: picked in full, so there is no reason for being short."
        ),
    }
    return sentences[answer] % {
        "stop": line.sequence,
        "item": line.item.code,
        "picked": number_text(picked),
        "before": number_text(line.picked),
        "quantity": number_text(line.quantity),
    }


def _write(reports: Sequence[Report]) -> None:
    now = clock.now()
    for line, picked, reason, result in reports:
        line.picked, line.short_reason = picked, reason
        line.short_at = now if result.missing else None
    fields = ["picked"]
    if any(report.reason for report in reports):
        fields += ["short_reason", "short_at"]
    update_rows([report.line for report in reports], fields)


def _record(order: Order, reports: Sequence[Report], actor: Actor) -> None:
    """Count the picked quantities on the order's lines."""
    taken: dict[int, Decimal] = {}
    for report in reports:
        if report.result.taken:
            key = report.line.order_line_id
            taken[key] = taken.get(key, rules.ZERO) + report.result.taken
    if taken:
        record_picked(order.pk, taken, actor=actor)


def _finish(
    pick_list: PickList, lines: Sequence[PickLine], reports: Sequence[Report], actor: Actor
) -> PickList:
    """Move the list on when every line is done, else note what was picked."""
    facts: dict[str, Any] = {
        "lines": len(reports),
        "short": [
            {"item": r.line.item.code, "missing": r.result.missing, "reason": r.reason}
            for r in reports
            if r.result.missing
        ],
    }
    pick_list.picker = pick_list.picker or actor.get_username()
    if not all(line.is_done for line in lines):
        return save_document(pick_list, actor=actor, event="line_picked", **facts)
    if any(line.picked for line in lines):
        return transition(pick_list, "confirm", actor=actor, **facts)
    return transition(pick_list, "cancel", actor=actor, reason=_("Nothing was found."), **facts)
