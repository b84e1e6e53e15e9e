"""What field 86 of an MT940 says, in the dialects that banks write it in.

Sources: the German DFÜ agreement, annex 3 (`159?00...?20...`, inside it `EREF+... SVWZ+...`), and
the structured field 86 of Dutch banks (`/IBAN/.../NAME/.../REMI/.../EREF/...`).
"""

import re
from dataclasses import dataclass

#: a sub-field: ?20, in Triodos' files >20; other numbers after a question mark are text
_SUBFIELD = re.compile(r"[?>](00|10|2\d|3[0-48]|6[0-5]|7[01])")
_GERMAN = re.compile(r"^\s*(\d{3})[?>](?=\d\d)")
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|IBAN|BIC)\+")
_DUTCH_KEYS = (
    "TRTP|IBAN|BIC|NAME|REMI|EREF|MARF|CSID|CREF|PREF|PURP|ORDP|BENM|CNTP|ISDT|RTRN|ADDR|ULTC|"
    "ULTD|UCRD|UDTR|ACCW|NRTX|OAMT|ORIG|ID"
)
_DUTCH = re.compile(rf"/({_DUTCH_KEYS})/")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b")
NOT_PROVIDED = {"NOTPROVIDED", "NOT PROVIDED", "NONREF"}


@dataclass(frozen=True)
class Details:
    """A field 86 taken apart; what it does not say is empty."""

    text: str = ""
    name: str = ""
    iban: str = ""
    end_to_end_id: str = ""
    references: tuple[str, ...] = ()
    gvc: str = ""
    key_extension: str = ""  # of a German return: why, in three digits
    returned: str = ""  # why a payment came back, where the field itself says that it did


def read_details(raw: str) -> Details:
    """Field 86 in whatever dialect; free text stays text."""
    if _GERMAN.match(raw):
        return _german(raw.strip())
    if _DUTCH.match(raw.strip()):
        return _dutch(raw.strip())
    parts = _sepa_parts(raw.replace("\n", ""))
    return Details(
        text=parts.get("SVWZ") or _plain(raw),
        iban=parts.get("IBAN") or first_iban(raw),
        end_to_end_id=_provided(parts.get("EREF", "")),
    )


def first_iban(text: str) -> str:
    """The first word that looks like an IBAN."""
    found = _IBAN.search(text)
    return found.group(0) if found else ""


def _german(raw: str) -> Details:
    """Purpose 20-29 and 60-63, account 31 (an IBAN in 38), name 32-33, reason 34."""
    found = _subfields(raw.replace("\n", ""))
    purpose = "".join(found.get(f"{nr:02d}", "") for nr in (*range(20, 30), *range(60, 64)))
    parts = _sepa_parts(purpose)
    account = found.get("38") or found.get("31") or ""
    return Details(
        text=parts.get("SVWZ") or _plain(purpose),
        name=_plain(found.get("32", "") + found.get("33", "")),
        iban=account.strip() or parts.get("IBAN") or first_iban(raw),
        end_to_end_id=_provided(parts.get("EREF", "")),
        gvc=raw[:3],
        key_extension=found.get("34", "").strip(),
    )


def _subfields(joined: str) -> dict[str, str]:
    """Each sub-field once: a number that comes again after a question mark is text."""
    found, number, start = dict[str, str](), "", 0
    for mark in _SUBFIELD.finditer(joined):
        if mark[1] in found or mark[1] == number:
            continue
        if number:
            found[number] = joined[start : mark.start()]
        number, start = mark[1], mark.end()
    return {**found, number: joined[start:]} if number else found


def _sepa_parts(text: str) -> dict[str, str]:
    """`EREF+x SVWZ+y` taken apart."""
    pieces = _SEPA.split(text)
    return {key: _plain(value) for key, value in zip(pieces[1::2], pieces[2::2], strict=True)}


def _dutch(raw: str) -> Details:
    """`/KEY/value` pairs; ING puts account, bank, name and place of the other side into CNTP."""
    pieces = _DUTCH.split(raw.replace("\n", ""))
    found: dict[str, str] = {}
    for key, value in zip(pieces[1::2], pieces[2::2], strict=True):
        found.setdefault(key, _plain(value.strip("/ ")))
    account, _bank, name = [*found.get("CNTP", "").split("/"), "", "", ""][:3]
    text, reference = _remittance(found.get("REMI", ""))
    return Details(
        text=text or " ".join(filter(None, (found.get("TRTP", ""), found.get("PREF", "")))),
        name=found.get("NAME") or name,
        iban=found.get("IBAN") or account,
        end_to_end_id=_provided(found.get("EREF", "")),
        references=(reference,) if reference else (),
        returned=found.get("RTRN", ""),
    )


def _remittance(said: str) -> tuple[str, str]:
    """Text and structured reference: `USTD//text` and `STRD/CUR/reference`, else the text."""
    kind, _, rest = said.partition("/")
    if kind == "STRD":
        reference = rest.rsplit("/", 1)[-1]
        return reference, reference
    return (rest.strip("/ ") if kind == "USTD" else said), ""


def _provided(reference: str) -> str:
    return "" if reference.upper() in NOT_PROVIDED else reference


def _plain(text: str) -> str:
    return " ".join(text.split())
