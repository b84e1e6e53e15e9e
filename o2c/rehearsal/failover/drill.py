"""The drill itself, in the order in which things go wrong."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex

from o2c.core.models import DeliveryState
from o2c.rehearsal.failover.browser import Browser
from o2c.rehearsal.failover.load import Load
from o2c.rehearsal.failover.product import MAX_LAG_S, Machine, Product
from o2c.rehearsal.failover.proof import compare, deliveries, owed
from o2c.rehearsal.failover.report import Report
from o2c.rehearsal.failover.servers import Pair, wait_for
from o2c.runner.processes import stop
from o2c.runner.servers import start_valkey
from orders.models import Order
from receivables.models import OpenItem

AGING, EXPORT = "/receivables/aging/", "/orders/?export=csv"
READ_THERE = "read from the standby"
TOO_FAR = "the standby is too far behind"
NO_ANSWER = "the standby does not answer"
GOES_ON_S = 120  # how long anything may take to go on again
#: A killed worker's delivery belongs to it for five minutes; then the sweeper comes by.
WORK_OFF_S = 600

Tell = Callable[[str], None]


class Drill:
    """Two machines on a primary and its standby, with one broker."""

    def __init__(self, pair: Pair, machines: list[Machine], product: Product, tell: Tell) -> None:
        self.pair = pair
        self.machines = machines
        self.product = product
        self.tell = tell
        self.report = Report()
        self.load = Load([machine.url for machine in machines])

    def run(self, *, seconds: float, leases: bool) -> Report:
        """Every part; `seconds` is how long people work before and after each failure.

        `leases` waits at the end for what the killed worker had begun: up to six minutes.
        """
        self.tell("reports from the standby")
        self.read_from_standby()
        self.read_while_it_lags()
        self.read_while_it_is_gone()
        self.pair.primary.commit_only_with_standby()
        self.tell("people at work")
        self.load.start()
        try:
            time.sleep(seconds)
            self.lose_a_machine(seconds)
            self.lose_the_primary()
            time.sleep(seconds)
            self.take_the_old_primary_back()
            time.sleep(seconds)
        finally:
            self.load.stop()
        self.tell("the proof")
        self.prove(leases=leases)
        return self.report

    def read_from_standby(self) -> None:
        """The standby answers reports and exports; the primary is not asked for their rows."""
        reader = self._reader("cora")
        page = reader.get(AGING)
        self.report.add("aging says where it was read", READ_THERE, READ_THERE in page)
        self._see_who_reads("aging page", reader, AGING, OpenItem._meta.db_table)
        clerk = self._reader("clara")
        self._see_who_reads("orders as CSV", clerk, EXPORT, Order._meta.db_table)

    def _see_who_reads(self, what: str, reader: Browser, path: str, table: str) -> None:
        servers = (self.pair.primary, self.pair.standby)
        before = [server.scans_of(table) for server in servers]
        for _time in range(5):
            reader.get(path)
        time.sleep(1.5)  # the servers' own statistics are late by a second
        primary, standby = (
            server.scans_of(table) - was for server, was in zip(servers, before, strict=True)
        )
        figure = f"scans: standby {standby}, primary {primary}"
        self.report.add(f"5 times {what}", figure, standby >= 5 and primary < 5)

    def read_while_it_lags(self) -> None:
        """The page says how late the standby is; one that is too late is not read."""
        reader = self._reader("cora")
        self.pair.standby.ask("SELECT pg_wal_replay_pause()")
        try:
            self._reader("carlo")  # a sign-in is a commit that the standby now lacks
            pages: list[str] = []

            def says(words: str) -> bool:
                pages.append(reader.get(AGING))
                return words in pages[-1] or TOO_FAR in pages[-1]

            wait_for(lambda: says(f" s ago, {READ_THERE}"), "a report that is late")
            said = pages[-1].partition(f", {READ_THERE}")[0].rpartition("As of ")[2]
            self.report.add("behind a little", said[:20], READ_THERE in pages[-1])
            wait_for(lambda: says(TOO_FAR), "a standby too far behind")
            self.report.add(f"behind more than {MAX_LAG_S} s", TOO_FAR, TOO_FAR in pages[-1])
        finally:
            self.pair.standby.ask("SELECT pg_wal_replay_resume()")

    def read_while_it_is_gone(self) -> None:
        """Without a standby the primary is read; one that is back is read again."""
        reader = self._reader("cora")
        self.pair.standby.kill()
        page = reader.get(AGING)
        self.report.add("the standby is killed", NO_ANSWER, NO_ANSWER in page)
        self.pair.standby.start()
        seconds = self._until_read_there(reader)
        self.report.add("read again after its return", f"{seconds:.1f} s", seconds < GOES_ON_S)

    def lose_a_machine(self, seconds: float) -> None:
        """One web server and one worker end by force; the others carry on."""
        gone = self.machines[0]
        self.tell(f"machine {gone.name} is killed")
        gone.kill()
        waited = self.load.wait_for(5, GOES_ON_S)
        figure = "not" if waited is None else f"5 operations in {waited:.1f} s"
        self.report.add("one web and one worker killed: goes on", figure, waited is not None)
        time.sleep(seconds)
        gone.start_again()

    def lose_the_primary(self) -> None:
        """The primary ends by force, its standby is promoted, the product finds it by itself."""
        self.tell("the primary is killed")
        killed_at = time.monotonic()
        self.pair.primary.kill()
        self.pair.promote()
        promoted_s = time.monotonic() - killed_at
        waited = self.load.wait_for(1, GOES_ON_S)
        self.report.add("the primary killed, the standby promoted", f"{promoted_s:.1f} s")
        figure = "not" if waited is None else f"{promoted_s + waited:.1f} s after the kill"
        self.report.add("next operation acknowledged", figure, waited is not None)

    def take_the_old_primary_back(self) -> None:
        """The old primary becomes the standby of the new one, and is read."""
        self.tell("the old primary comes back as standby")
        self.pair.build_standby()
        self.pair.primary.commit_only_with_standby()
        seconds = self._until_read_there(self._reader("cora"))
        self.report.add("the old primary, copied anew, is read", f"{seconds:.1f} s", True)

    def prove(self, *, leases: bool) -> None:
        """Nothing that was acknowledged is lost, all work is done, the books hold."""
        primary = self.pair.primary
        what = "what is owed to the workers" if leases else "what is due by now"
        seconds = wait_for(lambda: owed(primary, due=not leases) == 0, what, WORK_OFF_S)
        self.report.add(f"{what} is done", f"after {seconds:.0f} s", True)
        states = deliveries(primary)
        figure = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        allowed = {DeliveryState.DONE} if leases else {DeliveryState.DONE, DeliveryState.OWED}
        self.report.add("deliveries", figure, set(states) <= allowed)
        found = compare(primary, self.load.acknowledged)
        self.report.add("operations acknowledged", str(found.acknowledged), found.acknowledged > 0)
        for what, missing in (("lost", found.lost), ("done twice", found.doubled)):
            figure = " ".join([str(len(missing)), *missing[:5]])
            self.report.add(f"of them {what}", figure, not missing)
        self.report.add("reports read meanwhile", str(self.load.pages_read))
        refused = "; ".join(self.load.refused) or "none"
        self.report.add("answers that stopped somebody", refused, not self.load.refused)
        verified = self.product.manage("verify")
        last = verified.stdout.strip().splitlines()[-1:]
        self.report.add("verify", " ".join(last), verified.returncode == 0)

    def _reader(self, username: str) -> Browser:
        """Somebody at the second machine only, so that what one process remembers is seen."""
        reader = Browser([self.machines[1].url])
        reader.sign_in(username)
        return reader

    def _until_read_there(self, reader: Browser) -> float:
        return wait_for(lambda: READ_THERE in reader.get(AGING), "a report from the standby")


@contextmanager
def drill(tell: Tell) -> Iterator[Drill]:
    """Start all the drill needs in a folder of its own; nothing of it is left afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="o2c-failover-")))
        logs = folder / "logs"
        logs.mkdir()
        tell("a primary, a broker, the demo company")
        pair = Pair(folder, logs, stack)
        pair.primary.start()
        broker, redis_url = start_valkey(
            folder / "valkey", logs / "broker.log", token_hex(16), durable=False
        )
        stack.callback(stop, [broker], 5)
        product = Product(folder, logs, pair.url, redis_url)
        product.prepare()
        tell("a standby by pg_basebackup, two machines")
        pair.build_standby()
        machines = [Machine(name, product, stack) for name in ("a", "b")]
        for machine in machines:
            machine.wait_until_ready()
        yield Drill(pair, machines, product, tell)
