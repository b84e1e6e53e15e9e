"""Reading SWIFT MT940 statements, tolerant of what banks really send, strict about money.

Sources: SWIFT "Category 9" field 61 and 86; the German DFÜ agreement, annex 3, for the `?nn`
sub-fields of :86:. RC and RD are reversals of a credit and of a debit: they turn the sign.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from reconciliation.adapters.records import EntryRecord, StatementRecord, UnreadableStatement
from reconciliation.adapters.returns import is_return

_TAG = re.compile(r"^:(\d\d[A-Z]?):(.*)$", re.DOTALL | re.ASCII)
_BALANCE = re.compile(
    r"^(?P<sign>[CD])(?P<date>\d{6})(?P<currency>[A-Z]{3})(?P<amount>[\d,]+)\s*$", re.ASCII
)
_ENTRY = re.compile(
    r"^(?P<value>\d{6})(?P<booked>\d{4}|\s{4})?(?P<sign>R?[CD])(?P<funds>[A-Z])?(?P<amount>[\d,]+)"
    r"(?P<kind>[A-Z][A-Z0-9]{3}|[A-Z]{2}\w\w)?(?P<rest>.*)$",
    re.DOTALL | re.ASCII,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b")
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|IBAN|BIC)\+")


def is_mt940(data: bytes) -> bool:
    """Whether data looks like MT940."""
    return b":20:" in data[:2000] and b":25" in data[:2000]


def read_mt940(data: bytes) -> list[StatementRecord]:
    """All statements of an MT940 file. Raises UnreadableStatement naming the line."""
    statements = [
        _statement(fields)
        for fields in _messages(_decode(data))
        if any(t == "25" for t, _, _ in fields)
    ]
    if not statements:
        raise UnreadableStatement("The file holds no MT940 statement (no :20: with a :25:).")
    return statements


Field = tuple[str, str, int]  # tag without its option letter where it has one, text, line number


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _messages(text: str) -> Iterator[list[Field]]:
    """The fields of each message; a message begins with :20:."""
    message: list[Field] = []
    for tag, value, line in _fields(text):
        if tag == "20" and message:
            yield message
            message = []
        message.append((tag, value, line))
    if message and message[0][0] == "20":
        yield message


def _fields(text: str) -> Iterator[Field]:
    tag, lines, start = "", list[str](), 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.replace("\x00", "").rstrip()
        opened = _TAG.match(line)
        ends = line in {"-", "-}"} or line.startswith(("-}", "{1:"))
        if opened or ends:
            if tag:
                yield tag, "\n".join(lines).rstrip(), start
            tag, lines, start = ("", [], 0) if ends else (opened[1], [opened[2]], number)  # type: ignore[index]
        elif tag:
            lines.append(line)
    if tag:
        yield tag, "\n".join(lines).rstrip(), start


def _statement(fields: list[Field]) -> StatementRecord:
    first = {tag: (value, line) for tag, value, line in reversed(fields)}
    account = first["25"][0].strip()
    number, _, page = first.get("28C", first.get("28", ("", 0)))[0].partition("/")
    opening = _balance(first, "60F", "60M")
    closing = _balance(first, "62F", "62M")
    currency = (opening or closing or (None, None, ""))[2] or _floor_limit(first)
    entries = tuple(_entries(fields, currency))
    return StatementRecord(
        account=_account(account),
        currency=currency,
        statement_id=f"{first['20'][0].strip()}:{number.strip()}/{page.strip()}",
        sequence=number.strip(),
        opening=opening[0] if opening else None,
        closing=closing[0] if closing else None,
        opening_date=opening[1] if opening else None,
        closing_date=closing[1] if closing else None,
        entries=entries,
        notices=() if closing else ("The statement has no closing balance (:62F:).",),
    )


def _account(raw: str) -> str:
    """The account as the bank names it: an IBAN without its currency, else the text itself."""
    iban = _IBAN.search(raw.replace(" ", ""))
    return iban.group(0)[:34].removesuffix("EUR") if iban else raw.split()[0] if raw else ""


def _floor_limit(first: dict[str, tuple[str, int]]) -> str:
    """MT942 has no balances; its floor limit :34F: names the currency."""
    return first.get("34F", ("", 0))[0][:3]


def _balance(first: dict[str, tuple[str, int]], *tags: str) -> tuple[Decimal, date, str] | None:
    for tag in tags:
        if tag not in first:
            continue
        value, line = first[tag]
        match = _BALANCE.match(value.split("\n")[0])
        if not match:
            raise UnreadableStatement(f"Line {line}: “{value[:40]}” is not a balance.")
        amount = _amount(match["amount"], line)
        signed = amount if match["sign"] == "C" else -amount
        return signed, _date(match["date"], line), match["currency"]
    return None


def _entries(fields: list[Field], currency: str) -> Iterator[EntryRecord]:
    for index, (tag, value, line) in enumerate(fields):
        if tag != "61":
            continue
        follows = fields[index + 1] if index + 1 < len(fields) else ("", "", 0)
        yield _entry(value, follows[1] if follows[0] == "86" else "", currency, line)


def _entry(value: str, details: str, currency: str, line: int) -> EntryRecord:
    head, _, supplement = value.partition("\n")
    match = _ENTRY.match(head.upper() if head[:12].islower() else head)
    if not match:
        raise UnreadableStatement(f"Line {line}: “{head[:60]}” is not a statement line (:61:).")
    amount = _amount(match["amount"], line)
    adds = match["sign"] in {"C", "RD"}  # RD gives a debit back, RC takes a credit back
    value_date = _date(match["value"], line)
    customer_reference, _, bank_reference = (match["rest"] or "").partition("//")
    known = _subfields(details) if re.match(r"^\d{3}\?", details) else {}
    parts = _sepa_parts(known.get("text") or details.replace("\n", ""))
    iban = known.get("iban") or parts.get("IBAN") or _first_iban(details)
    reference = customer_reference.strip()
    returned = is_return(match["kind"] or "", known.get("gvc", ""))
    return EntryRecord(
        entry_date=_booked(match["booked"], value_date),
        value_date=value_date,
        amount=amount if adds else -amount,
        currency=currency,
        text=parts.get("SVWZ") or known.get("text") or " ".join((details or supplement).split()),
        counterparty_name=known.get("name", ""),
        counterparty_iban=iban,
        end_to_end_id=parts.get("EREF", ""),
        bank_reference=bank_reference.strip(),
        references=() if reference in {"", "NONREF"} else (reference,),
        is_reversal=match["sign"].startswith("R"),
        is_return=returned,
        return_reason=known.get("reason", "") if returned else "",
    )


def _subfields(details: str) -> dict[str, str]:
    """The `?nn` sub-fields: purpose 20-29 and 60-63, account 31, name 32-33, reason 34."""
    joined = details.replace("\n", "")
    found = dict(re.findall(r"\?(\d\d)([^?]*)", joined))
    purpose = [found.get(f"{nr:02d}", "") for nr in (*range(20, 30), *range(60, 64))]
    return {
        "gvc": details[:3],
        "text": " ".join("".join(purpose).split()),
        "iban": found.get("31", "").strip(),
        "name": " ".join((found.get("32", "") + found.get("33", "")).split()),
        "reason": found.get("34", "").strip(),
    }


def _sepa_parts(text: str) -> dict[str, str]:
    """`EREF+x SVWZ+y` taken apart."""
    pieces = _SEPA.split(text)
    return {
        key: " ".join(value.split()) for key, value in zip(pieces[1::2], pieces[2::2], strict=True)
    }


def _first_iban(text: str) -> str:
    found = _IBAN.search(text)
    return found.group(0) if found else ""


def _amount(raw: str, line: int) -> Decimal:
    if raw.count(",") > 1 or not raw.strip(","):
        raise UnreadableStatement(f"Line {line}: “{raw}” is not an amount.")
    return Decimal(raw.rstrip(",").replace(",", "."))


def _date(raw: str, line: int) -> date:
    year, month, day = 2000 + int(raw[:2]), int(raw[2:4]), int(raw[4:6])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise UnreadableStatement(f"Line {line}: “{raw}” is not a date (YYMMDD).")
    # Some banks write 30 February or 31 November and mean the end of the month.
    return date(year, month, min(day, monthrange(year, month)[1]))


def _booked(raw: str | None, value_date: date) -> date:
    """The booking day MMDD lies in the year that brings it closest to the value date."""
    if not raw or not raw.strip():
        return value_date
    candidates = []
    for year in (value_date.year - 1, value_date.year, value_date.year + 1):
        try:
            candidates.append(date(year, int(raw[:2]), int(raw[2:])))
        except ValueError:
            continue
    return min(candidates, key=lambda day: abs(day - value_date), default=value_date)
