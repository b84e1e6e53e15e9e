"""manage.py replay --orders FILE [--limit N] [--seed S] [--keep [--fresh] | --here]"""

import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.core.actors import SystemActor
from o2c.core.deliveries import deliver_due
from o2c.core.errors import RuleViolation
from o2c.core.management.progress import Progress
from o2c.core.models import Delivery, DeliveryState
from o2c.core.verify import run_all
from o2c.rehearsal.database import NoOwnDatabase, own_database, run_there
from o2c.rehearsal.replay.bank import ACCOUNT_CODE
from o2c.rehearsal.replay.cash import collect_cash
from o2c.rehearsal.replay.masters import ReplayRefused, prepare, receive_stock
from o2c.rehearsal.replay.reader import Business, UnreadableFile, read_business
from o2c.rehearsal.replay.report import Report
from o2c.rehearsal.replay.resume import orders_there, total_ordered
from o2c.rehearsal.replay.run import Replay
from o2c.rehearsal.replay.ties import ties

CLERK = SystemActor("replay")
#: What waits too long for the worker is judged where one runs, by `manage.py verify`: a month of
#: documents in a few minutes is no fault of the books.
WORKERS = {"I4", "I4b"}


class Command(BaseCommand):
    help = "Run a retail file through the whole cycle, from order to reconciled cash; verify."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", required=True, metavar="FILE", help="the retail CSV")
        parser.add_argument("--limit", type=int, help="only the first N sales")
        parser.add_argument("--seed", type=int, default=1, help="decides how customers pay")
        place = parser.add_mutually_exclusive_group()
        place.add_argument(
            "--keep", action="store_true", help="keep the replay's own database, or go on in it"
        )
        place.add_argument(
            "--here", action="store_true", help="use the database at hand, which must be empty"
        )
        parser.add_argument(
            "--fresh", action="store_true", help="with --keep: delete what was kept first"
        )

    def handle(
        self,
        *args: Any,
        orders: str,
        limit: int | None,
        seed: int,
        keep: bool,
        here: bool,
        fresh: bool,
        **options: Any,
    ) -> None:
        if limit is not None and limit < 1:
            raise CommandError("--limit takes a number above 0.")
        if fresh and not keep:
            raise CommandError("--fresh deletes what --keep kept: give both.")
        business = self._read(orders, limit)
        if here:
            try:
                self._replay_here(business, seed)
            except KeyboardInterrupt:
                raise CommandError("Stopped.") from None
        else:
            arguments = ["--orders", orders, "--seed", str(seed)]
            arguments += [] if limit is None else ["--limit", str(limit)]
            self._replay_apart(arguments, keep=keep, fresh=fresh)

    def _replay_apart(self, arguments: list[str], *, keep: bool, fresh: bool) -> None:
        """Replay in a database of its own. Exits with the code of the run there."""
        # Whatever ends us, the database is dropped.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with own_database("replay", keep=keep, fresh=fresh) as name:
                code = run_there(name, ["migrate", "--verbosity=0", "--no-input"])
                code = code or run_there(name, ["replay", "--here", *arguments])
        except NoOwnDatabase as error:
            raise CommandError(
                f"{error} Or name an empty database in DATABASE_URL and add --here."
            ) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped.") from None
        finally:
            signal.signal(signal.SIGTERM, before)
        if keep:
            self.stdout.write(f"Kept: DATABASE_NAME={name} leads any command to it.")
        if code:
            sys.exit(code)

    def _read(self, orders: str, limit: int | None) -> Business:
        """What the file says. Raises CommandError for a file without a sale."""
        try:
            business = read_business(Path(orders), limit)
        except OSError as error:
            raise CommandError(f"{orders}: {error.strerror}.") from error
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        if not business.sales:
            self._name_broken(business)
            raise CommandError(f"{orders}: there is no sale in it.")
        return business

    def _name_broken(self, business: Business) -> None:
        for broken in business.broken:
            self.stderr.write(f"row {broken.number} left out: {broken.reason}")

    def _replay_here(self, business: Business, seed: int) -> None:
        self._name_broken(business)
        report = Report()
        try:
            self._run(business, seed, report)
        except (ReplayRefused, RuleViolation) as error:
            raise CommandError(str(error)) from error
        for line in report.lines():
            self.stdout.write(line)
        self._judge(business, report)

    def _run(self, business: Business, seed: int, report: Report) -> None:
        self.stdout.write(
            f"{business.rows:,} rows: {len(business.sales):,} sales, "
            f"{len(business.cancellations):,} cancellations, "
            f"{len(business.corrections):,} stock corrections, {len(business.broken):,} broken"
        )
        there = orders_there(business, ACCOUNT_CODE)
        world = prepare(business, seed, CLERK, self._bar)
        received = receive_stock(business, world, CLERK)
        report.stage("stock received").add(received, documents=min(received, 1))
        with report.counting():
            Replay(business, world, seed, report, there).sell(self._bar(len(business.sales)))
            folder = settings.DATA_DIR / "bank"
            collect_cash(world.bank_account, seed, folder, report, self._bar)
        deliver_due(slow=False)
        report.ties = ties(world)

    def _bar(self, steps: int) -> Progress:
        return Progress(self.stdout, steps)

    def _judge(self, business: Business, report: Report) -> None:
        """Total, ties and invariants. Raises CommandError when one of them is broken."""
        ordered = total_ordered(business)
        same = "the file's total" if ordered == business.ordered else "NOT the file's total"
        self.stdout.write(f"total ordered {ordered:,.2f}: {same} {business.ordered:,.2f}")
        findings = run_all()
        broken = [each for each in findings if not each.holds and each.invariant.id not in WORKERS]
        for finding in broken:
            self.stderr.write(f"{finding.invariant.id} {finding.invariant.title}")
            for sentence in finding.sentences():
                self.stderr.write(f"  {sentence}")
        owed = Delivery.objects.filter(state=DeliveryState.OWED).count()
        self.stdout.write(f"owed to the worker: {owed:,} documents, mails and matchings")
        self.stdout.write(f"verify: {len(findings)} invariants, {len(broken)} violated")
        if ordered != business.ordered:
            raise CommandError("The total ordered is not the file's total.")
        if broken or not all(tie.holds for tie in report.ties):
            raise CommandError("The books do not agree.")
