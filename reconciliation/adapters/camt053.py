"""Reading ISO 20022 camt.053 statements, versions 02 to 14.

Source: the message definition "BankToCustomerStatement". The remittance text, creditor
references and referred documents are kept, since matching lives on them. A file is known by its
structure: the namespace may be any spelling of camt.053 or be missing, and the message may stand
inside an envelope. Intraday reports (camt.052) and advices (camt.054) are refused by name.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from o2c.core.money import NotADecimal, parse_decimal
from o2c.core.safe_xml import parse_xml
from reconciliation.adapters.records import (
    DetailRecord,
    EntryRecord,
    StatementRecord,
    UnreadableStatement,
)
from reconciliation.adapters.returns import RETURN_FAMILIES, is_return

NAMESPACE = re.compile(r"(?:^|\W)(camt\.\d{3})\.\d{3}\.(\d\d)$")
SUPPORTED_VERSIONS = range(2, 15)
STATEMENT = "BkToCstmrStmt"
OTHER_MESSAGES = {
    "BkToCstmrAcctRpt": gettext_lazy("This is an intraday report (camt.052), not a statement"),
    "BkToCstmrDbtCdtNtfctn": gettext_lazy(
        "This is an advice of single bookings (camt.054), not a statement"
    ),
}
OPENING = ("OPBD", "PRCD")  # opening booked; else the closing balance of the day before
CLOSING = ("CLBD",)
#: where a detail may state its amount, the nearest to the booking first
AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt")


def read_camt053(data: bytes) -> list[StatementRecord]:
    """All statements of a camt.053 file. Raises UnreadableStatement, RuleViolation (bad XML)."""
    statements: list[StatementRecord] = []
    for message in _messages(parse_xml(data)):
        reader = _Reader(etree.QName(message).namespace or "")
        for node in reader.all(message, "Stmt"):
            statements.append(reader.statement(node, len(statements) + 1))
    if not statements:
        raise UnreadableStatement(_("The file holds no statement (Stmt)."))
    return statements


def is_xml(data: bytes) -> bool:
    """Whether data looks like XML, in UTF-16 too."""
    start = data[:200].replace(b"\x00", b"")  # of UTF-16, every other byte
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        start = start.removeprefix(mark)
    return start.lstrip()[:1] == b"<"


def _messages(root: Any) -> list[Any]:
    """The statement messages of a file, wherever they stand; refuses other messages by name."""
    found = []
    for node in root.iter("{*}*"):
        name = re.sub(r"V\d\d$", "", etree.QName(node).localname)
        if name in OTHER_MESSAGES:
            raise UnreadableStatement(
                _("%(message)s. Import the camt.053 of the day.")
                % {"message": OTHER_MESSAGES[name]}
            )
        if name == STATEMENT:
            _refuse_other_versions(etree.QName(node).namespace or "")
            found.append(node)
    if found:
        return found
    namespace = etree.QName(root).namespace or ""
    if NAMESPACE.search(namespace):
        _refuse_other_versions(namespace)
        raise UnreadableStatement(
            _("The file says camt.053 but holds no %(element)s.") % {"element": STATEMENT}
        )
    raise UnreadableStatement(
        _("“%(localname)s” is not a bank statement; camt.053.001.02 to .14 are read.")
        % {"localname": namespace or etree.QName(root).localname}
    )


def _refuse_other_versions(namespace: str) -> None:
    """A namespace that names a message must name camt.053 in a version we know."""
    known = NAMESPACE.search(namespace)
    if known and known[1] != "camt.053":
        raise UnreadableStatement(
            _("%(known)s is not a statement; only camt.053 is posted.") % {"known": known[1]}
        )
    if known and int(known[2]) not in SUPPORTED_VERSIONS:
        raise UnreadableStatement(
            _("camt.053 version %(known)s is not read; 02 to 14 are.") % {"known": known[2]}
        )


class _Booked(NamedTuple):
    """What of an entry its details fall back on."""

    amount: Decimal
    currency: str
    alone: bool  # there is only one detail


class _Reader:
    """Walks one message; knows its namespace and names the place of what it cannot read."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.account = ""  # of the statement being read

    def all(self, node: Any, path: str) -> list[Any]:
        inside = f"{{{self.namespace}}}" if self.namespace else ""
        steps = "/".join(inside + step for step in path.split("/"))
        return list(node.findall(steps))

    def texts(self, node: Any, path: str) -> list[str]:
        found = (" ".join((child.text or "").split()) for child in self.all(node, path))
        return [text for text in found if text]

    def text(self, node: Any, *paths: str) -> str:
        """The first text found on any of the paths."""
        return next((text for path in paths for text in self.texts(node, path)), "")

    def amount(self, node: Any, path: str, place: str) -> Decimal:
        raw = self.text(node, path)
        try:
            amount = parse_decimal(raw)
        except NotADecimal:
            raise UnreadableStatement(
                _("%(place)s: “%(raw)s” is not an amount.") % {"place": place, "raw": raw[:40]}
            ) from None
        if amount < 0:
            raise UnreadableStatement(
                _("%(place)s: the amount %(raw)s is negative; its direction belongs in CdtDbtInd.")
                % {"place": place, "raw": raw[:40]}
            )
        return amount

    def signed(self, node: Any, place: str) -> Decimal:
        amount = self.amount(node, "Amt", place)
        direction = self.text(node, "CdtDbtInd")
        if direction not in {"CRDT", "DBIT"}:
            raise UnreadableStatement(
                _("%(place)s: CdtDbtInd is “%(direction)s”, not CRDT or DBIT.")
                % {"place": place, "direction": direction}
            )
        return amount if direction == "CRDT" else -amount

    def day(self, node: Any, path: str, place: str) -> date | None:
        raw = self.text(node, f"{path}/Dt", f"{path}/DtTm")[:10]
        if not raw:
            return None
        try:
            return date.fromisoformat(raw)
        except ValueError:
            raise UnreadableStatement(
                _("%(place)s: “%(raw)s” is not a date.") % {"place": place, "raw": raw}
            ) from None

    def statement(self, node: Any, position: int) -> StatementRecord:
        """A statement; `position` in the file names it where the bank gave it no number."""
        statement_id = self.text(node, "Id")
        place = _("Statement %(number)s") % {"number": statement_id or f"#{position}"}
        self.account = self.text(node, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
        currency = self._currency(node)
        foreign: list[str] = []
        opening, opening_date = self._balance(node, OPENING, place, currency, foreign)
        closing, closing_date = self._balance(node, CLOSING, place, currency, foreign)
        entries: list[EntryRecord] = []
        pending: list[EntryRecord] = []
        for nr, child in enumerate(self.all(node, "Ntry"), 1):
            entry = self.entry(child, f"{place}, entry {nr}", closing_date)
            status = self.text(child, "Sts", "Sts/Cd") or "BOOK"
            (entries if status == "BOOK" else pending).append(entry)
        return StatementRecord(
            account=self.account,
            currency=currency,
            statement_id=statement_id,
            sequence=self.text(node, "ElctrncSeqNb", "LglSeqNb"),
            opening=opening,
            closing=closing,
            opening_date=opening_date,
            closing_date=closing_date,
            entries=tuple(entries),
            pending=tuple(pending),
            notices=(*foreign, *self._notices(entries, currency)),
        )

    def _currency(self, node: Any) -> str:
        """The account's currency, as the statement says it first."""
        amounts = [*self.all(node, "Bal/Amt"), *self.all(node, "Ntry/Amt")]
        said = (amount.get("Ccy", "") for amount in amounts)
        return self.text(node, "Acct/Ccy") or next(filter(None, said), "")

    def _balance(
        self, node: Any, kinds: tuple[str, ...], place: str, currency: str, foreign: list[str]
    ) -> tuple[Decimal | None, date | None]:
        """Amount and day; no amount where it is in another currency, which `foreign` then says."""
        found = {
            self.text(balance, "Tp/CdOrPrtry/Cd"): balance for balance in self.all(node, "Bal")
        }
        kind = next((kind for kind in kinds if kind in found), "")
        if not kind:
            return None, None
        where = f"{place}, balance {kind}"
        amount, day = self.signed(found[kind], where), self.day(found[kind], "Dt", where)
        theirs = self.all(found[kind], "Amt")[0].get("Ccy", currency)
        if theirs == currency:
            return amount, day
        foreign.append(f"Its balance {kind} is in {theirs}, the account in {currency}.")
        return None, day

    @staticmethod
    def _notices(entries: list[EntryRecord], currency: str) -> Iterator[str]:
        for nr, entry in enumerate(entries, 1):
            if entry.currency != currency:
                yield f"Entry {nr} is in {entry.currency}, the account in {currency}."
            if len(entry.details) < 2:
                continue
            foreign = _different(d.currency for d in entry.details if d.currency != entry.currency)
            total = sum(detail.amount for detail in entry.details)
            if foreign:
                yield f"Entry {nr}: its details are in {', '.join(foreign)} only."
            elif total != entry.amount:
                yield (
                    f"Entry {nr}: its {len(entry.details)} details make {total}, "
                    f"the entry {entry.amount}."
                )

    def entry(self, node: Any, place: str, fallback: date | None) -> EntryRecord:
        booked = self.day(node, "BookgDt", place) or self.day(node, "ValDt", place) or fallback
        if booked is None:
            raise UnreadableStatement(_("%(place)s: it has no booking date.") % {"place": place})
        amount = self.signed(node, place)
        currency = self.all(node, "Amt")[0].get("Ccy", "")
        transactions = self.all(node, "NtryDtls/TxDtls")
        booked_as = _Booked(amount, currency, alone=len(transactions) == 1)
        details = tuple(self.detail(child, booked_as, place) for child in transactions)
        texts = [detail.text for detail in details] or [""]
        extra = self.text(node, "AddtlNtryInf")
        return EntryRecord(
            entry_date=booked,
            value_date=self.day(node, "ValDt", place) or booked,
            amount=amount,
            currency=currency,
            text=" ".join(filter(None, [*dict.fromkeys(texts), extra])),
            counterparty_name=_only([d.counterparty_name for d in details]),
            counterparty_iban=_only([d.counterparty_iban for d in details]),
            end_to_end_id=_only([d.end_to_end_id for d in details]),
            bank_reference=self.text(node, "AcctSvcrRef", "NtryRef"),
            references=tuple(dict.fromkeys(r for d in details for r in d.references)),
            is_reversal=self.text(node, "RvslInd") in {"true", "1"},
            is_return=self._is_return(node) or any(d.return_reason for d in details),
            return_reason=", ".join(_different(d.return_reason for d in details)),
            return_text=" ".join(_different(d.return_text for d in details)),
            details=details,
        )

    def _is_return(self, node: Any) -> bool:
        """Whether the entry's or a detail's bank transaction code says that a payment came back."""
        for code in self.all(node, "BkTxCd") + self.all(node, "NtryDtls/TxDtls/BkTxCd"):
            if self.text(code, "Domn/Fmly/SubFmlyCd") in RETURN_FAMILIES:
                return True
            kind, _rest, rest = self.text(code, "Prtry/Cd").partition("+")  # NRTI+109+00931
            if is_return(kind, rest[:3]):
                return True
        return False

    def detail(self, node: Any, entry: _Booked, place: str) -> DetailRecord:
        amount, currency, stated = self._detail_amount(node, entry, place)
        name, account = self._counterparty(node, money_in=amount >= 0)
        end_to_end = self.text(node, "Refs/EndToEndId")
        returned = self.all(node, "RtrInf")
        return DetailRecord(
            amount=amount,
            currency=currency,
            stated_amount=stated[0] if stated else None,
            stated_currency=stated[1] if stated else "",
            text=" ".join(self.texts(node, "RmtInf/Ustrd")) or self.text(node, "AddtlTxInf"),
            counterparty_name=name,
            counterparty_iban=account,
            end_to_end_id="" if end_to_end in {"NOTPROVIDED", "NOT PROVIDED"} else end_to_end,
            bank_reference=self.text(node, "Refs/AcctSvcrRef"),
            references=tuple(
                self.texts(node, "RmtInf/Strd/CdtrRefInf/Ref")
                + self.texts(node, "RmtInf/Strd/RfrdDocInf/Nb")
            ),
            return_reason=self.text(node, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry")
            or ("NARR" if returned else ""),
            return_text=" ".join(self.texts(node, "RtrInf/AddtlInf")),
        )

    def _detail_amount(
        self, node: Any, entry: _Booked, place: str
    ) -> tuple[Decimal, str, tuple[Decimal, str] | None]:
        """A detail's signed amount and currency, and what it states when that is another one.

        The account's currency is taken wherever the bank gives it; the only detail of an entry
        that gives none is the entry.
        """
        stated = [
            (self.amount(node, path, place), self.all(node, path)[0].get("Ccy", entry.currency))
            for path in AMOUNTS
            if self.all(node, path)
        ]
        ours = next((pair for pair in stated if pair[1] == entry.currency), None)
        other = next((pair for pair in stated if pair[1] != entry.currency), None)
        taken = ours or (None if entry.alone else other)
        if taken is None:
            return entry.amount, entry.currency, other
        direction = self.text(node, "CdtDbtInd") or ("CRDT" if entry.amount >= 0 else "DBIT")
        signed = taken[0] if direction == "CRDT" else -taken[0]
        return signed, taken[1], other if ours else None

    def _counterparty(self, node: Any, *, money_in: bool) -> tuple[str, str]:
        """Name and account of the other side: who paid us, or whom we paid.

        Where a payment comes back, many banks go on naming the parties of the original one: the
        side that is us by its account, or that is not named then, gives way to the other.
        """
        sides = [self._party(node, side) for side in ("Dbtr", "Cdtr")]
        first, second = sides if money_in else reversed(sides)
        if first[1] and first[1] == self.account:
            return second
        return second if self.all(node, "RtrInf") and not any(first) else first

    def _party(self, node: Any, side: str) -> tuple[str, str]:
        # version 08 and later put the party into a Pty element
        name = self.text(
            node,
            f"RltdPties/{side}/Nm",
            f"RltdPties/{side}/Pty/Nm",
            f"RltdPties/Ultmt{side}/Nm",
            f"RltdPties/Ultmt{side}/Pty/Nm",
        )
        account = self.text(
            node, f"RltdPties/{side}Acct/Id/IBAN", f"RltdPties/{side}Acct/Id/Othr/Id"
        )
        return name, account


def _only(values: list[str]) -> str:
    """The one value all details share; nothing when they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else ""


def _different(values: Iterable[str]) -> list[str]:
    """Each value once, in its order, without the empty ones."""
    return list(dict.fromkeys(filter(None, values)))
