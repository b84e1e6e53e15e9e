"""manage.py import_open_items FILE [--account CODE] [--posting-date DAY] [--dry-run] [--json]"""

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from o2c.core import clock
from o2c.core.actors import SystemActor
from o2c.tabular.command import ImportCommand
from o2c.tabular.imports import ImportResult
from receivables.commands import import_open_items


class Command(ImportCommand):
    help = "Take over what was open before these books, from a CSV or XLSX file, all rows or none."
    job = "import_open_items"

    def add_kind(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--account", default="", help="code of the ledger account; the only one of equity"
        )
        parser.add_argument(
            "--posting-date", type=date.fromisoformat, default=None, help="YYYY-MM-DD; today"
        )

    def run_import(
        self, file_name: str, data: bytes, *, dry_run: bool, actor: SystemActor, **options: Any
    ) -> ImportResult:
        return import_open_items(
            file_name,
            data,
            account_code=options["account"],
            posting_date=options["posting_date"] or clock.today(),
            dry_run=dry_run,
            actor=actor,
        )
