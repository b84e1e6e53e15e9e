"""manage.py replay --orders FILE [--limit N] [--seed S]"""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.core.actors import SystemActor
from o2c.core.events import deliver_due
from o2c.core.verify import run_all
from o2c.desk.replay.cash import collect_cash
from o2c.desk.replay.masters import MastersRefused, prepare, receive_stock
from o2c.desk.replay.reader import Business, UnreadableFile, read_business
from o2c.desk.replay.report import Report
from o2c.desk.replay.run import Replay, total_ordered

CLERK = SystemActor("replay")
BAR = 30  # characters


class Progress:
    """One line that says where the replay is; plain lines now and then when nobody watches."""

    def __init__(self, out: Any, total: int) -> None:
        self.out, self.total, self.done = out, max(total, 1), 0
        self.watched = getattr(out, "isatty", bool)()

    def tick(self, what: str) -> None:
        self.done += 1
        if not self.watched and self.done % 100 and self.done != self.total:
            return
        full = BAR * min(self.done, self.total) // self.total
        text = f"[{'#' * full}{'.' * (BAR - full)}] {self.done:,} of {self.total:,}  {what}"
        line, ending = (f"\r{text:<78}", "") if self.watched else (text, "\n")
        self.out.write(line, ending=ending)
        self.out.flush()


class Command(BaseCommand):
    help = "Run a retail file through the whole cycle, from order to reconciled cash; verify."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", required=True, metavar="FILE", help="the retail CSV")
        parser.add_argument("--limit", type=int, help="only the first N sales")
        parser.add_argument("--seed", type=int, default=1, help="decides how customers pay")

    def handle(self, *args: Any, orders: str, limit: int | None, seed: int, **options: Any) -> None:
        if limit is not None and limit < 1:
            raise CommandError("--limit takes a number above 0.")
        try:
            business = read_business(Path(orders), limit)
        except (OSError, UnicodeDecodeError, UnreadableFile) as error:
            raise CommandError(f"{orders}: {error}") from error
        for broken in business.broken:
            self.stderr.write(f"row {broken.number} left out: {broken.reason}")
        report = Report()
        ordered_before = total_ordered()
        try:
            self._run(business, seed, report)
        except MastersRefused as error:
            raise CommandError(str(error)) from error
        self._print(business, report, total_ordered() - ordered_before)
        self._verify()

    def _run(self, business: Business, seed: int, report: Report) -> None:
        self.stdout.write(
            f"{business.rows:,} rows: {len(business.sales):,} sales, "
            f"{len(business.cancellations):,} cancellations, "
            f"{len(business.corrections):,} stock corrections, {len(business.broken):,} broken"
        )
        world = prepare(business, seed, CLERK)
        received = receive_stock(business, world, CLERK)
        report.stage("stock received").add(received)
        progress = Progress(self.stdout, len(business.sales))
        started = time.perf_counter()
        with report.counting():
            Replay(business, world, seed, report).sell(progress.tick)
            report.orders, report.seconds = len(business.sales), time.perf_counter() - started
            self.stdout.write("")
            folder = settings.STATE_DIR / "replay"
            weeks = Progress(self.stdout, 20)
            collect_cash(world.bank_account, seed, folder, report, weeks.tick)
        report.seconds = time.perf_counter() - started
        deliver_due(slow=False)
        self.stdout.write("")

    def _print(self, business: Business, report: Report, ordered: Any) -> None:
        for line in report.lines():
            self.stdout.write(line)
        same = "the file's total" if ordered == business.ordered else "NOT the file's total"
        self.stdout.write(f"total ordered {ordered:,.2f}: {same} {business.ordered:,.2f}")
        if ordered != business.ordered:
            raise CommandError("The total ordered is not the file's total.")

    def _verify(self) -> None:
        findings = run_all()
        broken = [finding for finding in findings if not finding.holds]
        for finding in broken:
            self.stderr.write(f"{finding.invariant.id} {finding.invariant.title}")
            for sentence in finding.sentences():
                self.stderr.write(f"  {sentence}")
        self.stdout.write(f"verify: {len(findings)} invariants, {len(broken)} violated")
        if broken:
            raise CommandError("The books do not agree.")
