"""Reading SWIFT MT940 statements, tolerant of what banks really send, strict about money.

Source: SWIFT "Category 9", fields 20 to 86. RC and RD are reversals of a credit and of a debit:
they turn the sign. An intraday report (MT942) is no statement and is refused by name.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum import iban

from reconciliation.adapters.mt940_details import first_iban, read_details
from reconciliation.adapters.records import EntryRecord, StatementRecord, UnreadableStatement
from reconciliation.adapters.returns import is_return

#: the fields of MT940 and MT942; what looks like another one (`:12:30`) is text
_TAG = re.compile(
    r"^:(20|21|25P?|28C?|13D?|34F|60[FM]|61|62[FM]|64|65|86|90[CD]):(.*)$", re.DOTALL | re.ASCII
)
_BALANCE = re.compile(
    r"^(?P<sign>[CD])(?P<date>\d{6})(?P<currency>[A-Z]{3})(?P<amount>[\d.,]+)\s*$", re.ASCII
)
_ENTRY = re.compile(
    r"^(?P<value>\d{6})(?P<booked>\d{4}|\s{4})?(?P<sign>R?[CD])(?P<funds>[A-Z])?(?P<amount>[\d.,]+)"
    r"(?P<kind>[A-Z][A-Z0-9]{3}|[A-Z]{2}\w\w)?(?P<rest>.*)$",
    re.DOTALL | re.ASCII,
)
_AMOUNT = re.compile(r"^\d+(,\d*)?$", re.ASCII)
_LOOKS_LIKE_IT = re.compile(rb"(?:^|[\r\n]):(20|28C?|60[FM]):")
_HAS_ACCOUNT = re.compile(rb"(?:^|[\r\n]):25P?:")
_BALANCES = {"60F", "60M", "62F", "62M"}
_SIDES = (
    (gettext_lazy("opening balance"), {"60F", "60M"}),
    (gettext_lazy("closing balance"), {"62F", "62M"}),
)
_INTRADAY = {"13", "13D", "34F"}
_NONE = {"", "NONREF", "EREF", "PREF", "MARF"}  # what field 61 says where it has no reference
_MT942 = gettext_lazy(
    "This is an intraday report (MT942), not a statement: it has no balances. "
    "Import the MT940 of the day."
)


def is_mt940(data: bytes) -> bool:
    """Whether data looks like MT940: an account, and a reference, number or balance."""
    return bool(_HAS_ACCOUNT.search(data) and _LOOKS_LIKE_IT.search(data))


def read_mt940(data: bytes) -> list[StatementRecord]:
    """All statements of an MT940 file. Raises UnreadableStatement naming the line."""
    text = _decode(data)
    if re.search(r"\{2:[IO]942", text):
        raise UnreadableStatement(_MT942)
    statements = [_statement(fields) for fields in _messages(text) if _is_statement(fields)]
    if not statements:
        raise UnreadableStatement(_("The file holds no MT940 statement (no :20: with a :25:)."))
    return statements


Field = tuple[str, str, int]  # tag without its option letter where it has one, text, line number


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _messages(text: str) -> Iterator[list[Field]]:
    """The fields of each message; a message begins with :20:, the first wherever it begins."""
    message: list[Field] = []
    for tag, value, line in _fields(text):
        if tag == "20" and message:
            yield message
            message = []
        message.append(("25" if tag == "25P" else tag, value, line))
    if message:
        yield message


def _is_statement(message: list[Field]) -> bool:
    """Whether a message is a statement; refuses what is one in part, and intraday reports."""
    tags = {tag for tag, _rest, _ in message}
    balances = tags & _BALANCES
    if not balances and tags & _INTRADAY:
        raise UnreadableStatement(_MT942)
    if "20" in tags and "25" in tags:
        for side, same in _SIDES:
            lines = [line for tag, _rest, line in message if tag in same]
            if len(lines) > 1:
                raise UnreadableStatement(
                    _("Line %(line)s: a second %(side)s in one statement (no :20: before).")
                    % {"line": lines[1], "side": side}
                )
        return True
    if balances or tags & {"25", "61"}:
        missing = "account (:25:)" if "20" in tags else "reference (:20:)"
        raise UnreadableStatement(
            _("Line %(line)s: the statement has no %(missing)s.")
            % {"line": message[0][2], "missing": missing}
        )
    return False


def _fields(text: str) -> Iterator[Field]:
    tag, lines, start = "", list[str](), 0
    every = text.splitlines()
    for number, raw in enumerate(every, 1):
        text_of_line = raw.replace("\x00", "")  # a space at its end may part two words
        line = text_of_line.rstrip()
        opened = _TAG.match(line)
        ends = line.startswith(("-}", "{1:")) or (line == "-" and _ends_block(every, number))
        if opened or ends:
            if tag:
                yield tag, "\n".join(lines).rstrip(), start
            tag, lines, start = ("", [], 0) if ends else (opened[1], [opened[2]], number)  # type: ignore[index]
        elif tag:
            lines.append(text_of_line)
    if tag:
        yield tag, "\n".join(lines).rstrip(), start


def _ends_block(lines: list[str], after: int) -> bool:
    """Whether a dash alone on its line ends a block: then a block begins, or nothing follows."""
    follows = next((line for line in lines[after:] if line.strip("\x00 \x03")), "")
    return not follows or follows[0] in ":{-"


def _statement(fields: list[Field]) -> StatementRecord:
    first = {tag: (value, line) for tag, value, line in reversed(fields)}
    number, _rest, page = first.get("28C", first.get("28", ("", 0)))[0].partition("/")
    opening = _balance(first, "60F", "60M")
    closing = _balance(first, "62F", "62M")
    currency = (opening or closing or (None, None, ""))[2]
    if closing and closing[2] != currency:
        raise UnreadableStatement(
            _("Line %(line)s: the closing balance is in %(closing)s, the opening in %(opening)s.")
            % {
                "line": first["62F" if "62F" in first else "62M"][1],
                "closing": closing[2],
                "opening": currency,
            }
        )
    entries = tuple(_entries(fields, currency))
    return StatementRecord(
        account=_account(first["25"][0].split("\n")[0], currency),
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


def _account(raw: str, currency: str) -> str:
    """The account as the bank names it, without the currency that some banks put behind it.

    An IBAN is taken wherever it stands; one whose own last letters are a currency stays whole.
    """
    account = first_iban(raw.replace(" ", "")) or next(iter(raw.split()), "")
    if currency and account.endswith(currency) and not iban.is_valid(account):
        return account.removesuffix(currency)
    return account


def _balance(first: dict[str, tuple[str, int]], *tags: str) -> tuple[Decimal, date, str] | None:
    for tag in tags:
        if tag not in first:
            continue
        value, line = first[tag]
        match = _BALANCE.match(value.split("\n")[0])
        if not match:
            raise UnreadableStatement(
                _("Line %(line)s: “%(value)s” is not a balance.")
                % {"line": line, "value": value[:40]}
            )
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
    head, _rest, supplement = value.partition("\n")
    match = _ENTRY.match(head.upper() if head[:12].islower() else head)
    if not match:
        raise UnreadableStatement(
            _("Line %(line)s: “%(head)s” is not a statement line (:61:).")
            % {"line": line, "head": head[:60]}
        )
    amount = _amount(match["amount"], line)
    adds = match["sign"] in {"C", "RD"}  # RD gives a debit back, RC takes a credit back
    value_date = _date(match["value"], line)
    customer_reference, _rest, bank_reference = (match["rest"] or "").partition("//")
    said = read_details(details)
    references = (customer_reference.strip(), *said.references)
    returned = is_return(match["kind"] or "", said.gvc) or bool(said.returned)
    return EntryRecord(
        entry_date=_booked(match["booked"], value_date, line),
        value_date=value_date,
        amount=amount if adds else -amount,
        currency=currency,
        text=said.text or " ".join(supplement.split()),
        counterparty_name=said.name,
        counterparty_iban=said.iban or first_iban(supplement),
        end_to_end_id=said.end_to_end_id,
        bank_reference=bank_reference.strip(),
        references=tuple(dict.fromkeys(text for text in references if text not in _NONE)),
        is_reversal=match["sign"].startswith("R"),
        is_return=returned,
        return_reason=(said.returned or said.key_extension) if returned else "",
    )


def _amount(raw: str, line: int) -> Decimal:
    if "." in raw:
        raise UnreadableStatement(
            _(
                "Line %(line)s: “%(raw)s” is not an amount: MT940 writes a comma "
                "before the cents and no points."
            )
            % {"line": line, "raw": raw}
        )
    if not _AMOUNT.match(raw):
        raise UnreadableStatement(
            _("Line %(line)s: “%(raw)s” is not an amount.") % {"line": line, "raw": raw}
        )
    return Decimal(raw.rstrip(",").replace(",", "."))


def _date(raw: str, line: int) -> date:
    year, month, day = 2000 + int(raw[:2]), int(raw[2:4]), int(raw[4:6])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise UnreadableStatement(
            _("Line %(line)s: “%(raw)s” is not a date (YYMMDD).") % {"line": line, "raw": raw}
        )
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> date:
    """Some banks write 30 February or 31 November and mean the end of the month."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _booked(raw: str | None, value_date: date, line: int) -> date:
    """The booking day MMDD lies in the year that brings it closest to the value date."""
    if not raw or not raw.strip():
        return value_date
    month, day = int(raw[:2]), int(raw[2:])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise UnreadableStatement(
            _("Line %(line)s: “%(raw)s” is not a booking day (MMDD).") % {"line": line, "raw": raw}
        )
    years = (value_date.year - 1, value_date.year, value_date.year + 1)
    candidates = [_day(year, month, day) for year in years]
    return min(candidates, key=lambda booked: abs(booked - value_date))
