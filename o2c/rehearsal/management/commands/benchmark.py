"""manage.py benchmark [--quick] [--only NAME ...] [--orders N] [--json FILE] [--keep]"""

import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.rehearsal.benchmark.bench import FULL, QUICK, Bench
from o2c.rehearsal.benchmark.figures import Figure
from o2c.rehearsal.benchmark.machine import calibrate
from o2c.rehearsal.benchmark.measures.cycle import profile
from o2c.rehearsal.benchmark.report import as_json, as_table
from o2c.rehearsal.benchmark.run import MEASURES
from o2c.rehearsal.database import NoOwnDatabase


class Command(BaseCommand):
    help = "Measure what the product costs beside bare SQL, on throw-away databases."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="small sizes, under 3 minutes")
        parser.add_argument(
            "--only", nargs="+", choices=list(MEASURES), metavar="NAME",
            help="only these measures: " + ", ".join(MEASURES),
        )  # fmt: skip
        parser.add_argument(
            "--orders", type=int, metavar="N", help="of the generated company; usually 25,000"
        )
        parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
        parser.add_argument("--keep", action="store_true", help="keep the databases, or use them")
        parser.add_argument(
            "--profile", type=int, metavar="N", help="only show where N times ten cycles spend time"
        )

    def handle(
        self,
        *args: Any,
        quick: bool,
        only: list[str] | None,
        orders: int | None,
        json: str | None,
        keep: bool,
        profile: int | None,
        **options: Any,
    ) -> None:
        if orders is not None and orders < 1:
            raise CommandError("--orders takes a number above 0.")
        sizes = QUICK if quick else FULL
        sizes = sizes if orders is None else replace(sizes, orders=orders)
        # Whatever ends us, the databases are dropped.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with Bench(sizes, self._tell, keep=keep) as bench:
                if profile is not None:
                    self._profile(bench, profile)
                else:
                    self._measure(bench, only or list(MEASURES), json)
        except NoOwnDatabase as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped.") from None
        finally:
            signal.signal(signal.SIGTERM, before)

    def _measure(self, bench: Bench, names: list[str], file: str | None) -> None:
        figures: list[Figure] = []
        for name in MEASURES:
            if name in names:
                figures += MEASURES[name](bench)
        machine = calibrate()
        for line in as_table(figures, machine):
            self.stdout.write(line)
        if file is not None:
            Path(file).write_text(json.dumps(as_json(figures, machine), indent=2) + "\n")

    def _profile(self, bench: Bench, batches: int) -> None:
        if batches < 1:
            raise CommandError("--profile takes a number above 0.")
        self.stdout.write(profile(bench, batches))

    def _tell(self, what: str) -> None:
        self.stderr.write(f"benchmark: {what}")
