"""manage.py import_stock FILE [--dry-run] [--json]"""

from typing import Any

from o2c.core.actors import SystemActor
from o2c.stock.commands import import_stock
from o2c.tabular.command import ImportCommand
from o2c.tabular.imports import ImportResult


class Command(ImportCommand):
    help = "Receive opening stock from a CSV or XLSX file, all rows or none."
    job = "import_stock"

    def run_import(
        self, file_name: str, data: bytes, *, dry_run: bool, actor: SystemActor, **options: Any
    ) -> ImportResult:
        return import_stock(file_name, data, dry_run=dry_run, actor=actor)
