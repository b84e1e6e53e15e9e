"""Writing camt.053.001.02, so that a rehearsal's bank speaks as a real one does."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from reconciliation.adapters.records import EntryRecord, StatementRecord

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"


def write_camt053(statement: StatementRecord, created_at: datetime) -> bytes:
    """One statement as a camt.053 file. Reading it gives the same statement back.

    Balances and their dates must be there; entries are written without batch details.
    """
    assert statement.opening is not None
    assert statement.closing is not None
    assert statement.opening_date is not None
    assert statement.closing_date is not None
    root = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})
    message = _add(root, "BkToCstmrStmt")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", statement.statement_id)
    _add(header, "CreDtTm", created_at.isoformat(timespec="seconds"))
    node = _add(message, "Stmt")
    _add(node, "Id", statement.statement_id)
    if statement.sequence:
        _add(node, "ElctrncSeqNb", statement.sequence)
    _add(node, "CreDtTm", created_at.isoformat(timespec="seconds"))
    account = _add(node, "Acct")
    _add(_add(account, "Id"), "IBAN", statement.account)
    _add(account, "Ccy", statement.currency)
    _balance(node, "OPBD", statement.opening, statement.opening_date, statement.currency)
    _balance(node, "CLBD", statement.closing, statement.closing_date, statement.currency)
    for entry in statement.entries:
        _entry(node, entry)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(parent: Any, name: str, text: str = "", **attributes: str) -> Any:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", **attributes)
    if text:
        child.text = text
    return child


def _signed(node: Any, amount: Decimal, currency: str) -> None:
    _add(node, "Amt", f"{abs(amount):f}", Ccy=currency)
    _add(node, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")


def _balance(node: Any, kind: str, amount: Decimal, day: date, currency: str) -> None:
    balance = _add(node, "Bal")
    _add(_add(_add(balance, "Tp"), "CdOrPrtry"), "Cd", kind)
    _signed(balance, amount, currency)
    _add(_add(balance, "Dt"), "Dt", day.isoformat())


def _entry(node: Any, entry: EntryRecord) -> None:
    ntry = _add(node, "Ntry")
    _signed(ntry, entry.amount, entry.currency)
    if entry.is_reversal:
        _add(ntry, "RvslInd", "true")
    _add(ntry, "Sts", "BOOK")
    _add(_add(ntry, "BookgDt"), "Dt", entry.entry_date.isoformat())
    _add(_add(ntry, "ValDt"), "Dt", entry.value_date.isoformat())
    if entry.bank_reference:
        _add(ntry, "AcctSvcrRef", entry.bank_reference)
    details = _add(_add(ntry, "NtryDtls"), "TxDtls")
    if entry.end_to_end_id:
        _add(_add(details, "Refs"), "EndToEndId", entry.end_to_end_id)
    side = "Dbtr" if entry.amount >= 0 else "Cdtr"
    if entry.counterparty_name or entry.counterparty_iban:
        parties = _add(details, "RltdPties")
        if entry.counterparty_name:
            _add(_add(parties, side), "Nm", entry.counterparty_name)
        if entry.counterparty_iban:
            _add(_add(_add(parties, f"{side}Acct"), "Id"), "IBAN", entry.counterparty_iban)
    if entry.text or entry.references:
        remittance = _add(details, "RmtInf")
        if entry.text:
            _add(remittance, "Ustrd", entry.text)
        for reference in entry.references:
            _add(_add(_add(remittance, "Strd"), "CdtrRefInf"), "Ref", reference)
    if entry.is_return:
        returned = _add(details, "RtrInf")
        if entry.return_reason:
            _add(_add(returned, "Rsn"), "Cd", entry.return_reason)
        if entry.return_text:
            _add(returned, "AddtlInf", entry.return_text)
