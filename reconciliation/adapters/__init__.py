"""Other people's statement formats, read into plain records. Nothing here saves anything."""

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


def read_statements(data: bytes) -> list[StatementRecord]:
    """The statements of a file in any format we read. Raises UnreadableStatement, RuleViolation."""
    if is_xml(data):
        return read_camt053(data)
    if is_mt940(data):
        return read_mt940(data)
    raise UnreadableStatement("Neither camt.053 nor MT940: the file is not a statement we read.")
