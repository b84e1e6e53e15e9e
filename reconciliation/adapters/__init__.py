"""Other people's statement formats, read into plain records. Nothing here saves anything."""

from django.utils.translation import gettext as _

from o2c.core.safe_xml import MAX_BYTES
from reconciliation.adapters.camt053 import is_xml, read_camt053
from reconciliation.adapters.mt940 import is_mt940, read_mt940
from reconciliation.adapters.records import (
    DetailRecord,
    EntryRecord,
    StatementRecord,
    UnreadableStatement,
)

__all__ = [
    "DetailRecord",
    "EntryRecord",
    "StatementRecord",
    "UnreadableStatement",
    "read_camt053",
    "read_mt940",
    "read_statements",
]


UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: how a file begins that is no statement, and what to say
OTHERS = {
    b"PK\x03\x04": "This is a ZIP archive. Unpack it and import the statements in it.",
    b"\x1f\x8b": "The file is compressed (gzip). Unpack it and import the statement in it.",
    b"%PDF": "This is a PDF. Ask the bank for the statement as camt.053 or MT940.",
}


def read_statements(data: bytes) -> list[StatementRecord]:
    """The statements of a file in any format we read. Raises UnreadableStatement, RuleViolation."""
    if len(data) > MAX_BYTES:
        raise UnreadableStatement(
            _("The file is larger than %(limit)s MB. Ask the bank for a shorter period.")
            % {"limit": MAX_BYTES >> 20}
        )
    if not data.strip():
        raise UnreadableStatement(_("The file is empty."))
    other = next((says for mark, says in OTHERS.items() if data.startswith(mark)), "")
    if other:
        raise UnreadableStatement(other)
    if is_xml(data):
        return read_camt053(data)
    if data.startswith(UTF16_MARKS) or max(data[:80:2].count(0), data[1:80:2].count(0)) > 30:
        raise UnreadableStatement(
            _("The file is written in UTF-16. Save it as UTF-8, or ask the bank for plain text.")
        )
    if is_mt940(data):
        return read_mt940(data)
    raise UnreadableStatement(_("Neither camt.053 nor MT940: the file is not a statement we read."))
