"""Decisions of the warehouse as arithmetic on plain values. Quantities in the item's stock unit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from o2c.core.number_keys import code_key
from o2c.core.spellings import plain

ZERO = Decimal(0)
HUNDRED = Decimal(100)


def lacking(
    ordered: Decimal,
    cancelled: Decimal,
    reserved: Decimal,
    shipped: Decimal,
    under_percent: Decimal = ZERO,
) -> Decimal:
    """What an order line still has no goods for: the quantity to plan, else the backorder.

    Inside the under-delivery tolerance (5 means 5 %) a line that has shipped something counts as
    done. Never negative.
    """
    wanted = ordered - cancelled
    rest = max(wanted - reserved - shipped, ZERO)
    if shipped and shipped + reserved >= wanted * (HUNDRED - under_percent) / HUNDRED:
        return ZERO
    return rest


class Stop(NamedTuple):
    """One pick: where on the walk, for which order line, from which balance, how much."""

    walk_order: int
    location_code: str
    location_id: int
    balance_id: int
    order_line_id: int
    quantity: Decimal


def walk(stops: Iterable[Stop]) -> list[Stop]:
    """The stops in the order a picker walks them; one location's stops stay together."""
    return sorted(
        stops, key=lambda s: (s.walk_order, s.location_code, s.location_id, s.order_line_id)
    )


def everything_there(
    wanted: Iterable[tuple[int, Decimal]], available: Mapping[int, Decimal]
) -> bool:
    """Whether all (item, quantity) wants can be met together from what is available per item."""
    needed: dict[int, Decimal] = {}
    for item_id, quantity in wanted:
        needed[item_id] = needed.get(item_id, ZERO) + quantity
    return all(available.get(item_id, ZERO) >= total for item_id, total in needed.items())


class PickFault(Enum):
    """Why a reported pick cannot be so."""

    NEGATIVE = "negative"
    LESS_THAN_BEFORE = "less than before"
    TOO_MUCH = "too much"
    NO_REASON = "no reason"
    NEEDLESS_REASON = "needless reason"


class PickResult(NamedTuple):
    """What a report means for a line: newly picked, and missing for good at this stop."""

    taken: Decimal
    missing: Decimal


def judge_pick(
    quantity: Decimal, before: Decimal, picked: Decimal, *, reasoned: bool
) -> PickResult | PickFault:
    """Read a report "picked so many of quantity"; before is what was reported earlier.

    A short pick needs a reason, a full one takes none.
    """
    if picked < 0:
        return PickFault.NEGATIVE
    if picked < before:
        return PickFault.LESS_THAN_BEFORE
    if picked > quantity:
        return PickFault.TOO_MUCH
    if picked < quantity and not reasoned:
        return PickFault.NO_REASON
    if picked == quantity and reasoned:
        return PickFault.NEEDLESS_REASON
    return PickResult(taken=picked - before, missing=quantity - picked)


class PackFault(NamedTuple):
    """A line whose packages do not hold what was picked. `packed` is the sum over packages."""

    pick_line_id: int
    picked: Decimal
    packed: Decimal


def check_packing(
    picked: Mapping[int, Decimal], packages: Sequence[Mapping[int, Decimal]]
) -> list[PackFault]:
    """The scan check: the packages together hold exactly what was picked, line by line.

    Lines nobody picked and quantities that are not positive are faults too.
    """
    packed: dict[int, Decimal] = {}
    wrong: set[int] = set()
    for package in packages:
        for line_id, quantity in package.items():
            packed[line_id] = packed.get(line_id, ZERO) + quantity
            if quantity <= 0:
                wrong.add(line_id)
    return [
        PackFault(line_id, picked.get(line_id, ZERO), packed.get(line_id, ZERO))
        for line_id in sorted(picked.keys() | packed.keys())
        if line_id in wrong or picked.get(line_id, ZERO) != packed.get(line_id, ZERO)
    ]


class Place(NamedTuple):
    """What one balance means for one order line: promised to it, picked from it, gone from it."""

    reserved: Decimal
    picked: Decimal
    consumed: Decimal

    @property
    def pickable(self) -> Decimal:
        """What may still be picked here; negative when picked goods have lost their promise."""
        return self.reserved - (self.picked - self.consumed)


class Shift(NamedTuple):
    """A promise to move from one balance to another."""

    from_balance: int
    to_balance: int
    quantity: Decimal


def mend_promises(places: Mapping[int, Place]) -> tuple[list[Shift], dict[int, Decimal]]:
    """Back what is picked with promises from balances where nothing is picked yet.

    Takes the balances of one order line. Returns the shifts and what may still be picked at each
    balance afterwards, never negative.
    """
    pickable = {balance: place.pickable for balance, place in places.items()}
    shifts = []
    for needy in sorted(pickable):
        for giver in sorted(pickable, reverse=True):
            quantity = min(-pickable[needy], pickable[giver])
            if quantity > 0:
                shifts.append(Shift(giver, needy, quantity))
                pickable[needy] += quantity
                pickable[giver] -= quantity
    return shifts, {balance: max(quantity, ZERO) for balance, quantity in pickable.items()}


def trim(stops: Sequence[tuple[int, Decimal]], allowed: Decimal) -> dict[int, Decimal]:
    """Cut stops (key, open quantity) down until their sum is allowed; the last ones go first.

    Returns how much to take off each key that loses something.
    """
    surplus = sum((quantity for _key, quantity in stops), ZERO) - allowed
    cuts: dict[int, Decimal] = {}
    for key, quantity in reversed(stops):
        cut = min(quantity, surplus)
        if cut > 0:
            cuts[key] = cut
            surplus -= cut
    return cuts


def is_sscc(text: str) -> bool:
    """Whether text is a Serial Shipping Container Code: 18 digits whose check digit is right."""
    if len(text) != 18 or not (text.isascii() and text.isdigit()):
        return False
    weighted = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(text[:17])
    )
    return (10 - weighted % 10) % 10 == int(text[17])


class ScanTarget(NamedTuple):
    """What a stop on the list can be recognised by.

    `item_codes` says how many stock units one scan of each code counts: a piece, or a carton.
    """

    pick_line_id: int
    location_codes: Collection[str]
    item_codes: Mapping[str, Decimal]
    open: bool


class ScanMatch(NamedTuple):
    """What a scan means: the stop, and how many stock units it counts; zero for its location."""

    pick_line_id: int
    units: Decimal

    @property
    def is_item(self) -> bool:
        """Whether goods were scanned, not a place."""
        return bool(self.units)


def read_scan(
    text: str, targets: Sequence[ScanTarget], here: int | None = None
) -> ScanMatch | None:
    """The open stop that the scanned text names by item, else by location.

    Of several the one where the picker stands (`here`), else the first on the walk. Capitals,
    blanks around and zero-width characters do not matter. None when the list has no such stop;
    a stop that is done is only found when no open one fits.
    """
    wanted = code_key(plain(text))
    if not wanted:
        return None
    in_order = sorted(targets, key=lambda one: (not one.open, one.pick_line_id != here))
    for target in in_order:
        for code, units in target.item_codes.items():
            if code and code_key(code) == wanted:
                return ScanMatch(target.pick_line_id, units)
    for target in in_order:
        if wanted in {code_key(code) for code in target.location_codes if code}:
            return ScanMatch(target.pick_line_id, ZERO)
    return None
