"""manage.py import_orders FILE [--dry-run] [--json]"""

from typing import Any

from o2c.core.actors import SystemActor
from o2c.tabular.command import ImportCommand
from o2c.tabular.imports import ImportResult
from orders.commands import import_orders


class Command(ImportCommand):
    help = "Capture orders from a CSV or XLSX file, all or none; clean ones are confirmed."
    job = "import_orders"

    def run_import(
        self, file_name: str, data: bytes, *, dry_run: bool, actor: SystemActor, **options: Any
    ) -> ImportResult:
        return import_orders(file_name, data, dry_run=dry_run, actor=actor)
