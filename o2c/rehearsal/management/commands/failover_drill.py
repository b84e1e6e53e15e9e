"""manage.py failover_drill [--quick] [--json FILE]"""

import json
import signal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.rehearsal.failover.drill import drill
from o2c.rehearsal.failover.servers import DrillFailed


class Command(BaseCommand):
    help = (
        "Kill a web server, a worker and the primary under load, on servers of its own, and see"
        " that nothing acknowledged is lost. Touches no database of yours."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--quick",
            action="store_true",
            help="3 seconds of work between failures in place of 15; does not wait until what a"
            " killed worker had begun is free again",
        )
        parser.add_argument("--json", metavar="FILE", help="write what was shown there, too")

    def handle(self, *args: Any, quick: bool, json: str | None, **options: Any) -> None:
        # Whatever ends us, the servers are stopped and their folder goes.
        before = {
            number: signal.signal(number, signal.default_int_handler)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            with drill(self._tell) as started:
                report = started.run(seconds=3 if quick else 15, leases=not quick)
        except DrillFailed as failed:
            raise CommandError(str(failed)) from failed
        except KeyboardInterrupt:
            raise CommandError("Stopped.") from None
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        for line in report.as_table():
            self.stdout.write(line)
        if json is not None:
            Path(json).write_text(_dumped(report.as_json()))
        if not report.holds:
            raise CommandError("The drill failed.")

    def _tell(self, what: str) -> None:
        self.stderr.write(f"failover_drill: {what}")


def _dumped(shown: dict[str, Any]) -> str:
    return json.dumps(shown, indent=2) + "\n"
