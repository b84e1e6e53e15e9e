"""Check every invariant of the product and name each row that breaks one."""

import json
import sys
from argparse import ArgumentTypeError
from datetime import date
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.core.management.progress import Progress
from o2c.core.verify import SAMPLE, Finding, UnknownInvariant, run_all


def day(text: str) -> date:
    """A day on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day: write it as YYYY-MM-DD") from None


class Command(BaseCommand):
    help = "Check every invariant in one read-only snapshot. Exit code 1 when one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", action="append", default=[], metavar="ID", help="e.g. B1")
        parser.add_argument(
            "--as-of",
            type=day,
            metavar="YYYY-MM-DD",
            help="check what agrees on every day up to this day only",
        )
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            begun = perf_counter()
            findings = run_all(options["only"], options["as_of"], bar=self._bar)
            seconds = perf_counter() - begun
        except UnknownInvariant as error:
            raise CommandError(f"There is no invariant {error}.") from None
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(findings), indent=2, default=str))
        else:
            self._print(findings, seconds)
        if any(not finding.holds for finding in findings):
            sys.exit(1)

    def _bar(self, steps: int) -> Progress:
        return Progress(self.stderr, steps)

    def _print(self, findings: list[Finding], seconds: float) -> None:
        for finding in findings:
            verdict = (
                self.style.SUCCESS("ok")
                if finding.holds
                else self.style.ERROR(f"{finding.violations} broken")
            )
            self.stdout.write(
                f"{finding.invariant.id:<5} {finding.invariant.title!s:<72} "
                f"{finding.seconds:6.2f} s  {verdict}"
            )
            for sentence in finding.sentences():
                self.stdout.write(f"      {sentence}")
            if finding.violations > SAMPLE:
                self.stdout.write(f"      ... and {finding.violations - SAMPLE} more")
        broken = sum(not finding.holds for finding in findings)
        self.stdout.write(f"{len(findings)} invariants, {broken} broken, {seconds:.1f} s.")


def _as_json(findings: list[Finding]) -> dict[str, Any]:
    return {
        "invariants": [
            {
                "id": finding.invariant.id,
                "app": finding.app,
                "title": str(finding.invariant.title),
                "violations": finding.violations,
                "seconds": round(finding.seconds, 3),
                "columns": list(finding.columns),
                "rows": [list(row) for row in finding.rows],
            }
            for finding in findings
        ],
        "broken": sum(not finding.holds for finding in findings),
    }
