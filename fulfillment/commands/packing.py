"""Closing packages around what was picked."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import IntegrityError
from django.utils.translation import gettext as _
from psycopg import Error as PgError

from fulfillment import rules
from fulfillment.commands.figures import uncountable
from fulfillment.commands.locking import lock_pick_lines
from fulfillment.models import Package, PackageLine, PickLine, PickList
from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows
from o2c.core.commands import command
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.transitions import refuse_blocked, transition
from o2c.web.formats import number_text
from orders.commands.locking import lock_order_of, refuse_unworkable

_HEAVIEST_KG = Decimal(999_999)


@dataclass(frozen=True)
class PackageDraft:
    """A package to close: pick line -> quantity in it, and its weight; None takes the items'."""

    lines: Mapping[int, Decimal]
    weight_kg: Decimal | None = None
    sscc: str = ""


@dataclass
class _Problems:
    found: list[RuleViolation] = field(default_factory=list)

    def add(self, sentence: str, row: int | None = None) -> None:
        self.found.append(RuleViolation(sentence, row=row))


@command
def pack(
    pick_list_id: int, *, actor: Actor, packages: Sequence[PackageDraft] | None = None
) -> PickList:
    """Put everything that was picked into packages; by default into one.

    Each line must lie in packages exactly as it was picked. Raises RuleViolations.
    """
    # The shipment that follows in the same transaction freezes the address.
    order = lock_order_of(PickList, pick_list_id, related=("customer", "ship_to"))
    pick_list, lines = lock_pick_lines(order, pick_list_id)
    require(actor, pick_list.permission("pack"))
    refuse_unworkable(order)
    refuse_blocked(pick_list, "pack")
    picked = {line.pk: line for line in lines if line.picked}
    drafts = (
        packages
        if packages is not None
        else [PackageDraft({pk: line.picked for pk, line in picked.items()})]
    )
    _refuse_bad_packages(drafts, picked, {line.pk: line for line in lines})
    with _sscc_once(drafts):
        closed = insert_rows(
            Package(
                pick_list=pick_list,
                weight_kg=_weight(draft, picked),
                sscc=draft.sscc,
                created_by=actor.get_username(),
            )
            for draft in drafts
        )
    insert_rows(
        PackageLine(package=package, pick_line_id=pk, quantity=quantity)
        for package, draft in zip(closed, drafts, strict=True)
        for pk, quantity in draft.lines.items()
    )
    return transition(
        pick_list,
        "pack",
        actor=actor,
        packages=len(closed),
        weight_kg=sum(package.weight_kg for package in closed),
    )


def _refuse_bad_packages(
    drafts: Sequence[PackageDraft],
    picked: Mapping[int, PickLine],
    lines: Mapping[int, PickLine],
) -> None:
    """The scan check, in words. Raises RuleViolations."""
    problems = _Problems()
    for row, draft in enumerate(drafts):
        if not draft.lines:
            problems.add(_("Package %(number)s is empty.") % {"number": row + 1}, row)
        if draft.weight_kg is not None and not 0 <= draft.weight_kg <= _HEAVIEST_KG:
            problems.add(_("A weight lies between 0 and 999,999 kg."), row)
        if draft.sscc and not rules.is_sscc(draft.sscc):
            problems.add(
                _("“%(code)s” is not an SSCC: 18 digits, the last one checks the others.")
                % {"code": draft.sscc[:40]},
                row,
            )
        for pk, quantity in draft.lines.items():
            if pk in lines and (sentence := uncountable(quantity, lines[pk].item)):
                problems.add(sentence, row)
    refuse_if(problems.found)
    quantities = {pk: line.picked for pk, line in picked.items()}
    for fault in rules.check_packing(quantities, [draft.lines for draft in drafts]):
        line = lines.get(fault.pick_line_id)
        if line is None:
            problems.add(_("Line %(line)s is not on this pick list.") % {"line": fault[0]})
            continue
        problems.add(
            _("%(item)s, stop %(stop)s: %(picked)s picked, %(packed)s in packages.")
            % {
                "item": line.item.code,
                "stop": line.sequence,
                "picked": number_text(fault.picked),
                "packed": number_text(fault.packed),
            }
        )
    refuse_if(problems.found)


@contextmanager
def _sscc_once(drafts: Sequence[PackageDraft]) -> Iterator[None]:
    """Say in words that the database knows an SSCC already, and which."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = error.__cause__.diag if isinstance(error.__cause__, PgError) else None
        if diagnosis is None or diagnosis.constraint_name != "fulfillment_package_sscc_once":
            raise
        for number, draft in enumerate(drafts, start=1):
            if draft.sscc and draft.sscc in (diagnosis.message_detail or ""):
                raise RuleViolation(
                    _("SSCC %(code)s is on another package already.") % {"code": draft.sscc},
                    field=f"sscc_{number}",
                ) from error
        raise


def _weight(draft: PackageDraft, picked: Mapping[int, PickLine]) -> Decimal:
    """The weight on the scale, else what the items weigh, in kg with three decimals."""
    if draft.weight_kg is not None:
        return draft.weight_kg
    weight = sum(
        (picked[pk].item.weight_kg * quantity for pk, quantity in draft.lines.items()), rules.ZERO
    )
    return weight.quantize(Decimal("0.001"))
