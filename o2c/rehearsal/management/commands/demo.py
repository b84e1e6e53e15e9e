"""manage.py demo [--if-empty] [--logins]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.masters.models import Company
from o2c.rehearsal.demo.people import is_ready, logins
from o2c.rehearsal.demo.story import play


class Command(BaseCommand):
    help = "Fill an empty database with the story of a small wholesaler, ending today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when there is a company already"
        )
        parser.add_argument(
            "--logins", action="store_true", help="print who can sign in, and as what"
        )

    def handle(self, *args: Any, if_empty: bool, **options: Any) -> None:
        if not Company.objects.exists():
            play(self._tell)
        elif not if_empty:
            raise CommandError("There is a company in this database already; the demo wants none.")
        if options["logins"]:
            self._print_logins()

    def _tell(self, what: str) -> None:
        self.stderr.write(f"demo: {what}")

    def _print_logins(self) -> None:
        if is_ready():
            self.stdout.write(logins())
