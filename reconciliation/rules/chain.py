"""Where a statement that comes in belongs: in the chain of balances, or already here.

What the bank's account went through is one line of balances. A statement is a piece of it: its
opening balance is the closing balance of the piece before. So a statement is told from a copy, an
overlap and a correction by what it is (number, days, balances) and by where its balances fit. Two
equal bookings in two pieces are two bookings; the balances prove it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class Fault(StrEnum):
    """Why a statement cannot be trusted yet."""

    NONE = ""
    NO_BALANCE = "no balance"
    DOES_NOT_ADD_UP = "does not add up"
    GAP_BEFORE = "gap before"  # its opening is no closing of ours
    GAP_AFTER = "gap after"  # all of ours are later, and none begins with its closing


@dataclass(frozen=True)
class Entry:
    """A line as far as the chain sees it: `key` is a digest of all the bank said about it."""

    key: str
    amount: Decimal
    has_reference: bool = False  # the bank's own, which two bookings never share


@dataclass(frozen=True)
class Piece:
    """A statement as far as the chain sees it. Amounts in the account's currency.

    `identity` is equal for two files of the same statement, in whatever format.
    """

    name: str  # the bank's number
    sequence: str
    opening: Decimal | None
    closing: Decimal | None
    closed_on: date
    identity: str
    entries: tuple[Entry, ...] = ()

    @property
    def adds_up(self) -> bool:
        """Whether opening + entries = closing, and both are there."""
        if self.opening is None or self.closing is None:
            return False
        return self.opening + _sum(self.entries) == self.closing


@dataclass
class Held:
    """A statement that is here, or comes in earlier from the same file (then not `on_record`)."""

    id: int
    piece: Piece
    follows: int | None = None
    fits: bool = True  # it has no fault
    replaced_by: int | None = None
    on_record: bool = True

    @property
    def is_replaced(self) -> bool:
        """Whether a corrected statement took its place."""
        return self.replaced_by is not None


@dataclass(frozen=True)
class Placement:
    """What becomes of a statement that comes in."""

    same_as: int | None = None  # it is here already, as this statement
    kept: tuple[int, ...] = ()  # the entries to keep, by position
    opening: Decimal | None = None  # the balance before the first of them
    replaces: int | None = None
    follows: int | None = None
    followed_by: int | None = None  # a statement that waited for this one
    heals: int | None = None  # the first of a chain that is whole now
    cut_off: tuple[int, ...] = ()  # statements that followed the replaced one and fit no more
    fault: Fault = Fault.NONE
    beside: int | None = None  # the statement that the fault is about

    @property
    def is_here(self) -> bool:
        """Whether nothing of it is new."""
        return self.same_as is not None


@dataclass
class Chain:
    """The statements of one account. `entries` holds the lines of those that share a line with
    what comes in, in their order."""

    held: dict[int, Held] = field(default_factory=dict)
    entries: Mapping[int, Sequence[Entry]] = field(default_factory=dict)

    def live(self) -> Iterator[Held]:
        """Statements that were not replaced."""
        return (held for held in self.held.values() if not held.is_replaced)

    def place(self, piece: Piece, *, reinstate: bool = False) -> Placement:
        """Decide about a statement. Changes nothing; see `take`.

        With `reinstate` one that was replaced takes the place of what replaced it, if it adds up.
        """
        if (copy := self._copy_of(piece)) is not None:
            wrong = self._replacement(copy)
            if reinstate and piece.adds_up and wrong.on_record and wrong is not copy:
                return self._linked(piece, replaces=wrong)
            return Placement(same_as=copy.id)
        if piece.opening is None or piece.closing is None:
            return self._without_balances(piece)
        old = self._corrected(piece)
        if old is not None:
            return self._linked(piece, replaces=old)
        if not piece.adds_up:
            return self._linked(piece)
        if piece.opening == piece.closing and (inside := self._inside(piece)) is not None:
            return Placement(same_as=inside)  # no balance tells the copy of it from the next
        before = self._open_end(piece, piece.opening)
        if before is not None:
            return self._linked(piece, known=self._referenced(piece))
        known = self._known(piece)
        overlapped = piece.opening + sum((piece.entries[i].amount for i in known), ZERO)
        before = self._open_end(piece, overlapped) if known else None
        if before is not None:
            if len(known) == len(piece.entries):
                return Placement(same_as=before.id)
            return self._linked(piece, known=known)
        inside = self._inside(piece)
        return Placement(same_as=inside) if inside is not None else self._linked(piece)

    def take(self, piece: Piece, placement: Placement, new_id: int, *, on_record: bool) -> None:
        """Put a statement into the chain where `place` said."""
        if placement.replaces is not None:
            old = self.held[placement.replaces]
            old.replaced_by, old.follows = new_id, None
        for cut in placement.cut_off:
            self.held[cut].follows, self.held[cut].fits = None, False
        if placement.followed_by is not None:
            waiting = self.held[placement.followed_by]
            waiting.follows, waiting.fits = new_id, True
        if placement.heals is not None:
            self.held[placement.heals].fits = True
        self.held[new_id] = Held(
            new_id,
            piece,
            follows=placement.follows,
            fits=not placement.fault,
            on_record=on_record,
        )

    # -- what is here already ------------------------------------------------------------------

    def _copy_of(self, piece: Piece) -> Held | None:
        """The statement that a piece is again: one that counts before one that was replaced."""
        copies = [held for held in self.held.values() if held.piece.identity == piece.identity]
        copies = [held for held in copies if self._is_copy(piece, held)]
        return min(copies, key=lambda held: (held.is_replaced, held.id), default=None)

    def _replacement(self, held: Held) -> Held:
        """The statement that has its place now; itself, when it was not replaced."""
        while held.replaced_by is not None:
            held = self.held[held.replaced_by]
        return held

    def _is_copy(self, piece: Piece, held: Held) -> bool:
        """Whether a piece of equal balances, day and amounts is `held` again: it says the same
        under the same number, or nothing else is open that it could continue."""
        said = Counter(entry.key for entry in self.entries.get(held.id, ()))
        if piece.name == held.piece.name and said == Counter(e.key for e in piece.entries):
            return True
        return self._open_end(piece, piece.opening) is None

    def _known(self, piece: Piece) -> tuple[int, ...]:
        """The entries that are here, by position; equal ones as often as they are here."""
        here = Counter(e.key for held in self.live() for e in self.entries.get(held.id, ()))
        known = []
        for position, entry in enumerate(piece.entries):
            if here[entry.key]:
                here[entry.key] -= 1
                known.append(position)
        return tuple(known)

    def _referenced(self, piece: Piece) -> tuple[int, ...]:
        """Entries of a statement that continues the chain, which are here under the bank's own
        reference. Only where they cancel out: else the balances say that they are new."""
        known = [i for i in self._known(piece) if piece.entries[i].has_reference]
        return tuple(known) if not sum((piece.entries[i].amount for i in known), ZERO) else ()

    def _inside(self, piece: Piece) -> int | None:
        """The statement that holds the first entry of a piece all of which lies within ours."""
        ordered = sorted(
            (held for held in self.live() if held.id in self.entries),
            key=lambda held: (held.piece.closed_on, held.id),
        )
        lines: list[tuple[int, Decimal, Entry]] = []
        for held in ordered:
            balance = held.piece.opening or ZERO
            for entry in self.entries[held.id]:
                lines.append((held.id, balance, entry))
                balance += entry.amount
        wanted = Counter(entry.key for entry in piece.entries)
        for start, (held_id, balance, _entry) in enumerate(lines):
            if balance != piece.opening:
                continue
            part = lines[start : start + len(piece.entries)]
            if wanted and Counter(entry.key for _id, _balance, entry in part) == wanted:
                return held_id
        return None

    def _without_balances(self, piece: Piece) -> Placement:
        """No balance says where it belongs: what is here by its words is not kept again."""
        known = self._known(piece)
        if piece.entries and len(known) == len(piece.entries):
            first = {e.key for e in piece.entries}
            holder = next(i for i, lines in self.entries.items() if first & {e.key for e in lines})
            return Placement(same_as=holder)
        kept = tuple(i for i in range(len(piece.entries)) if i not in known)
        return Placement(kept=kept, opening=piece.opening, fault=Fault.NO_BALANCE)

    # -- corrections ---------------------------------------------------------------------------

    def _corrected(self, piece: Piece) -> Held | None:
        """The statement on record that this one is sent for anew, with other content.

        It has the bank's number and day, and has the old one's place in the chain, or the old one
        did not fit; or it has a misfit's place and sequence number, and continues nothing else.
        """
        brought = Counter(entry.key for entry in piece.entries)
        next_of = self._open_end(piece, piece.opening)
        for held in self.live():
            old = held.piece
            if not held.on_record or old.closed_on != piece.closed_on:
                continue
            lines = Counter(entry.key for entry in self.entries.get(held.id, ()))
            brings_all = bool(lines) and lines <= brought
            if held is next_of and not (brings_all and old.opening == old.closing):
                continue  # it goes on where the other ended: the bank repeats its numbers
            in_place = old.opening == piece.opening or old.closing == piece.closing
            if old.name == piece.name and (in_place or not held.fits):
                return held
            same_turn = bool(piece.sequence) and old.sequence == piece.sequence
            if same_turn and in_place and not held.fits and next_of is None:
                return held
        return None

    # -- the chain -----------------------------------------------------------------------------

    def _follower(self, held_id: int, *, but: int | None = None) -> Held | None:
        return next((h for h in self.live() if h.follows == held_id and h.id != but), None)

    def _open_end(
        self, piece: Piece, balance: Decimal | None, *, but: int | None = None
    ) -> Held | None:
        """The latest statement not after `piece` that ends with this balance and that nothing
        follows; or that is followed by one which `piece`, with no sum of its own, can precede."""
        ends = [
            held
            for held in self.live()
            if held.id != but
            and held.piece.closing == balance
            and balance is not None
            and held.piece.closed_on <= piece.closed_on
        ]
        for end in sorted(ends, key=lambda held: (held.piece.closed_on, held.id), reverse=True):
            follower = self._follower(end.id, but=but)
            if follower is None or piece.opening == piece.closing == follower.piece.opening:
                return end
        return None

    def _linked(
        self, piece: Piece, *, known: Sequence[int] = (), replaces: Held | None = None
    ) -> Placement:
        """Where the piece stands: after what, before what, instead of what, and what is amiss."""
        gone = replaces.id if replaces else None
        already = sum((piece.entries[i].amount for i in known), ZERO)
        opening = None if piece.opening is None else piece.opening + already
        before = self._open_end(piece, opening, but=gone)
        waiting = self._waiting(piece, before, gone)
        if before is not None and waiting is None:  # between two that fit without it
            between = self._follower(before.id, but=gone)
            waiting = between if between and between.piece.opening == piece.closing else None
        cut_off = tuple(
            held.id
            for held in self.live()
            if gone is not None and held.follows == gone and held is not waiting
        )
        fault, beside = self._fault(piece, before, waiting, replaces)
        return Placement(
            kept=tuple(i for i in range(len(piece.entries)) if i not in set(known)),
            opening=opening,
            replaces=gone,
            follows=before.id if before else None,
            followed_by=waiting.id if waiting else None,
            heals=None if cut_off else self._healed(before, waiting, gone),
            cut_off=cut_off,
            fault=fault,
            beside=beside,
        )

    def _waiting(self, piece: Piece, before: Held | None, gone: int | None) -> Held | None:
        """The first statement, not before `piece`, that begins where it ends and follows none."""
        earlier = set(self._ancestors(before))
        waiting = [
            held
            for held in self.live()
            if held.id != gone
            and held.id not in earlier
            and held.follows in (None, gone)
            and held.piece.opening is not None
            and held.piece.opening == piece.closing
            and held.piece.closed_on >= piece.closed_on
        ]
        return min(waiting, key=lambda held: (held.piece.closed_on, held.id), default=None)

    def _healed(self, before: Held | None, waiting: Held | None, gone: int | None) -> int | None:
        """The only statement that follows none when a statement has found its place."""
        first = [
            held
            for held in self.live()
            if held.follows is None
            and held.piece.opening is not None
            and held.id != gone
            and held is not waiting
        ]
        return first[0].id if before and len(first) == 1 and not first[0].fits else None

    def _ancestors(self, held: Held | None) -> Iterator[int]:
        while held is not None:
            yield held.id
            held = self.held[held.follows] if held.follows is not None else None

    def _fault(
        self, piece: Piece, before: Held | None, waiting: Held | None, replaces: Held | None
    ) -> tuple[Fault, int | None]:
        """What keeps the piece from being trusted, and the statement it does not fit to."""
        if not piece.adds_up:
            return Fault.DOES_NOT_ADD_UP, None
        others = [h for h in self.live() if h is not replaces and h.piece.closing is not None]
        was_first = replaces is not None and replaces.fits and replaces.follows is None
        if before is not None or was_first or not others:
            return Fault.NONE, None
        others = [held for held in others if held is not waiting]
        earlier = [held for held in others if held.piece.closed_on <= piece.closed_on]
        if earlier:
            return Fault.GAP_BEFORE, max(earlier, key=lambda h: (h.piece.closed_on, h.id)).id
        if waiting is None or any(held.follows is None and held.fits for held in others):
            return Fault.GAP_AFTER, min(others, key=lambda h: (h.piece.closed_on, h.id)).id
        return Fault.NONE, None


def _sum(entries: Iterable[Entry]) -> Decimal:
    return sum((entry.amount for entry in entries), ZERO)
