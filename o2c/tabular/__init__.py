"""Tables that people send and take away: CSV and XLSX, read with distrust, written safely.

sheet = read_sheet("prices.csv", data)               # the file: encoding, dialect, rows
records, errors = read_records(sheet, COLUMNS)       # typed values, every error with its row
stream = write_csv(rows, ["Number", "Total"])        # no cell becomes a formula
"""

from o2c.tabular.columns import (
    Choice,
    Code,
    Column,
    Day,
    Flag,
    Number,
    RowError,
    Text,
    Whole,
)
from o2c.tabular.reading import read_sheet
from o2c.tabular.records import Record, Records, read_records
from o2c.tabular.sheets import FileRefused, Row, Sheet
from o2c.tabular.writing import write_csv, write_xlsx

__all__ = [
    "Choice",
    "Code",
    "Column",
    "Day",
    "FileRefused",
    "Flag",
    "Number",
    "Record",
    "Records",
    "Row",
    "RowError",
    "Sheet",
    "Text",
    "Whole",
    "read_records",
    "read_sheet",
    "write_csv",
    "write_xlsx",
]
