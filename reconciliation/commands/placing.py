"""Deciding, before anything is stored, what becomes of each statement of a file."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.masters.models import BankAccount
from o2c.web.formats import amount_text
from reconciliation.adapters import EntryRecord, StatementRecord
from reconciliation.models import BankStatement
from reconciliation.queries import chain_of_account
from reconciliation.rules import Chain, ChainEntry, Fault, Piece, Placement


@dataclass
class Planned:
    """A statement and its place. `id` is its row, or below zero until it has one."""

    id: int
    record: StatementRecord
    piece: Piece
    placement: Placement
    placed_as: int = 0  # its id in the chain while it is planned


@dataclass
class Intake:
    """The statements of a file for one account, on their way in: a dry run, which keeps none of
    them, sees the same chain and the same repetitions."""

    account: BankAccount
    file_name: str
    data: bytes
    sha256: str
    reinstate: bool = False
    records: list[StatementRecord] = field(default_factory=list)
    chain: Chain = field(default_factory=Chain)
    planned: list[Planned] = field(default_factory=list)

    def plan(self) -> None:
        """Place every statement, each in sight of those before it."""
        names: Counter[str] = Counter()
        pieces = []
        for record in self.records:
            own = record.statement_id[:72]
            names[own] += 1
            name = own if names[own] == 1 else f"{own} ({names[own]})"  # some repeat their number
            pieces.append(_piece(record, name))
        keys = {entry.key for piece in pieces for entry in piece.entries}
        self.chain = chain_of_account(self.account.pk, keys)
        for number, (record, piece) in enumerate(zip(self.records, pieces, strict=True), 1):
            placement = self.chain.place(piece, reinstate=self.reinstate)
            self.planned.append(Planned(-number, record, piece, placement, placed_as=-number))
            if not placement.is_here:
                self._add(piece, placement, -number)

    def digest(self, planned: Planned) -> str:
        """What tells the statement from all others: where a day moved the same balance twice by
        the same amounts, its number as well."""
        identity = planned.piece.identity
        others = (held for held in self.chain.live() if held.id != planned.placed_as)
        if all(held.piece.identity != identity for held in others):
            return identity
        return hashlib.sha256(f"{identity} {planned.piece.name}".encode()).hexdigest()

    def _add(self, piece: Piece, placement: Placement, new_id: int) -> None:
        kept = tuple(piece.entries[i] for i in placement.kept)
        as_kept = Piece(
            piece.name, piece.sequence, placement.opening, piece.closing, piece.closed_on,
            piece.identity,
        )  # fmt: skip
        self.chain.take(as_kept, placement, new_id, on_record=False)
        self.chain.entries = {**self.chain.entries, new_id: kept}

    @property
    def replaced(self) -> set[int]:
        """The statements on record that statements of the file replace."""
        return {p.placement.replaces for p in self.planned if p.placement.replaces is not None}

    def called(self, statement_id: int, numbers: dict[int, str]) -> str:
        """How a statement is named to people: our number, or the bank's while it has none."""
        return numbers.get(statement_id) or self.chain.held[statement_id].piece.name


def numbers_of(intakes: Iterable[Intake]) -> dict[int, str]:
    """Our numbers of the statements that the plans speak of."""
    spoken = {
        other
        for intake in intakes
        for planned in intake.planned
        for other in (
            planned.placement.same_as,
            planned.placement.beside,
            planned.placement.replaces,
        )
        if other is not None and other > 0
    }
    if not spoken:
        return {}
    return dict(BankStatement.objects.filter(pk__in=spoken).values_list("pk", "number"))


def problem_of(planned: Planned, intake: Intake, numbers: dict[int, str]) -> str:
    """Why the statement cannot be trusted yet, in words; empty when it can."""
    placement, record, currency = planned.placement, planned.record, intake.account.currency
    if placement.fault is Fault.NO_BALANCE:
        return _("The bank gave no opening or closing balance.")
    if placement.fault is Fault.DOES_NOT_ADD_UP:
        return does_not_add_up(placement.opening, record.total, record.closing, currency)
    if placement.beside is None:
        return ""
    other = intake.chain.held[placement.beside].piece
    beside = intake.called(placement.beside, numbers)
    if placement.fault is Fault.GAP_BEFORE:
        return gap_before(placement.opening, other.closing, beside, currency)
    return _("Closing %(closing)s is not the opening %(opening)s of %(beside)s.") % {
        "closing": _shown(record.closing, currency),
        "opening": _shown(other.opening, currency),
        "beside": beside,
    }


def does_not_add_up(
    opening: Decimal | None, total: Decimal, closing: Decimal | None, currency: str
) -> str:
    """The sentence for a statement whose entries do not lead from opening to closing."""
    return _("Opening %(opening)s and entries of %(total)s do not make closing %(closing)s.") % {
        "opening": _shown(opening, currency),
        "total": _shown(total, currency),
        "closing": _shown(closing, currency),
    }


def gap_before(
    opening: Decimal | None, closing: Decimal | None, beside: object, currency: str
) -> str:
    """The sentence for a statement that does not begin where the one before it ends."""
    return _("Opening %(opening)s is not the closing %(closing)s of %(beside)s.") % {
        "opening": _shown(opening, currency),
        "closing": _shown(closing, currency),
        "beside": beside,
    }


def _shown(amount: Decimal | None, currency: str) -> str:
    return "–" if amount is None else amount_text(amount, currency)


def reason_of(planned: Planned, intake: Intake, numbers: dict[int, str]) -> str:
    """Why lines of the statement are skipped, in words; empty when none is."""
    placement = planned.placement
    lines = len(planned.piece.entries)
    if placement.same_as is not None:
        held = intake.chain.held[placement.same_as]
        said = {"id": planned.record.statement_id, "beside": intake.called(held.id, numbers)}
        if held.is_replaced:
            text = _("Statement %(id)s was here as %(beside)s and has been replaced.") % said
            if not planned.piece.adds_up:
                return text
            return _("%(text)s It can be reinstated, should the correction be wrong.") % {
                "text": text
            }
        return _("Statement %(id)s is already here, in %(beside)s.") % said
    if len(placement.kept) < lines:
        return _("%(count)s of %(lines)s entries of statement %(id)s are already here.") % {
            "count": lines - len(placement.kept),
            "lines": lines,
            "id": planned.record.statement_id,
        }
    return ""


def _piece(record: StatementRecord, name: str) -> Piece:
    return Piece(
        name=name,
        sequence=record.sequence[:40],
        opening=record.opening,
        closing=record.closing,
        closed_on=record.closing_date or date.max,
        identity=_identity(record, name),
        entries=tuple(
            ChainEntry(entry_key(entry), entry.amount, bool(entry.bank_reference))
            for entry in record.entries
        ),
    )


def _identity(record: StatementRecord, name: str) -> str:
    """A digest that two files of one statement share, in whatever format: balances, day and
    amounts. Where no balance moves, only the bank's number tells two of a day apart."""
    moves = record.opening is not None and record.opening != record.closing
    said = [
        *(f"{b:.4f}" if b is not None else "" for b in (record.opening, record.closing)),
        str(record.closing_date or ""),
        *sorted(f"{entry.entry_date} {entry.amount:.4f}" for entry in record.entries),
        "" if moves else name,
    ]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()


def entry_key(entry: EntryRecord) -> str:
    """A digest of all the bank said about an entry; equal entries have equal ones."""
    said = "\x1f".join(
        [
            *(str(entry.entry_date), str(entry.value_date), f"{entry.amount:.4f}"),
            *(entry.currency, entry.text, entry.counterparty_name, entry.counterparty_iban),
            *(entry.end_to_end_id, entry.bank_reference, str(entry.is_reversal)),
            *entry.references,
        ]
    )
    return hashlib.sha256(said.encode()).hexdigest()
