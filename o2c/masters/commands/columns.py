"""A column of the masters' files beside those every file knows."""

from dataclasses import dataclass

from o2c.core.spellings import compacted
from o2c.tabular import Code
from o2c.tabular.sheets import Cell


@dataclass(frozen=True, kw_only=True)
class Identifier(Code):
    """A VAT id, an IBAN and their like, without the blanks and dashes people write."""

    def value(self, cell: Cell) -> str:
        return super().value(compacted(cell) if isinstance(cell, str) else cell)
