"""What every import answers, on the page and on the command line: how many, how much, what not."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from o2c.core.errors import RuleViolation
from o2c.tabular import RowError

#: So many errors are shown one by one; the rest is counted.
MAX_SHOWN = 200


@dataclass
class ImportResult:
    """The outcome of one file. All or nothing: with any error nothing was stored.

    `rows` counts the rows read; each is created, updated, unchanged, skipped, or in error. `sums`
    are control totals by column (or currency). A dry run counts what would have happened.
    """

    kind: str
    file_name: str
    dry_run: bool = False
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return bool(self.errors)

    @property
    def shown_errors(self) -> list[RowError]:
        """The first errors in the order of the file."""
        return sorted(self.errors, key=lambda error: error.row)[:MAX_SHOWN]

    @property
    def hidden_errors(self) -> int:
        return max(0, len(self.errors) - MAX_SHOWN)

    @property
    def summary(self) -> str:
        """One sentence for people."""
        counts = {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "errors": len(self.errors),
        }
        if self.refused:
            text = _("Refused, nothing was stored. Rows: %(rows)s, errors: %(errors)s.")
        elif self.dry_run:
            text = _(
                "Dry run, nothing was stored. Rows: %(rows)s, to create: %(created)s, "
                "to update: %(updated)s, unchanged: %(unchanged)s, skipped: %(skipped)s."
            )
        else:
            text = _(
                "Rows: %(rows)s, created: %(created)s, updated: %(updated)s, "
                "unchanged: %(unchanged)s, skipped: %(skipped)s."
            )
        return text % counts

    def add_sums(self, amounts: Iterable[tuple[str, Decimal]]) -> None:
        """Add amounts to their control totals."""
        for name, amount in amounts:
            self.sums[name] = self.sums.get(name, Decimal(0)) + amount

    def refuse(self, violation: RuleViolation) -> None:
        """Note why the file, or the place the violation names, is refused."""
        for single in violation.errors:
            self.errors.append(RowError(single.row or 0, single.field or "", "", str(single)))

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; sums as strings, so that no digit is lost."""
        return {
            "kind": self.kind,
            "file": self.file_name,
            "dry_run": self.dry_run,
            "refused": self.refused,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "sums": {name: f"{amount:f}" for name, amount in self.sums.items()},
            "notes": [str(note) for note in self.notes],
            "error_count": len(self.errors),
            "errors": [
                {"row": e.row, "field": e.field, "value": e.value, "message": e.message}
                for e in self.shown_errors
            ],
        }

    def as_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)
