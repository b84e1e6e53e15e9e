"""manage.py import_masters KIND FILE [--dry-run] [--json]"""

from typing import Any

from django.core.management.base import CommandParser

from o2c.core.actors import SystemActor
from o2c.masters.commands import KINDS, import_masters
from o2c.tabular.command import ImportCommand
from o2c.tabular.imports import ImportResult


class Command(ImportCommand):
    help = "Create or update masters from a CSV or XLSX file, all rows or none."
    job = "import_masters"

    def add_kind(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(KINDS), metavar="KIND", help=", ".join(KINDS))

    def run_import(
        self, file_name: str, data: bytes, *, dry_run: bool, actor: SystemActor, **options: Any
    ) -> ImportResult:
        return import_masters(options["kind"], file_name, data, dry_run=dry_run, actor=actor)
