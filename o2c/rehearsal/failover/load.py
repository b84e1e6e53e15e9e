"""People at work during the drill, and the list of what they were told is done."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from o2c.core import clock
from o2c.rehearsal.failover.browser import Browser, Refused

ORDER, PAYMENT = "order", "payment"


@dataclass(frozen=True)
class Acknowledged:
    """One operation whose sender was told that it is done."""

    kind: str
    op_id: str
    reference: str  # what the sender called it
    row_id: int  # of the document, from the address he was led to
    at: float  # monotonic seconds


@dataclass
class Load:
    """Two clerks who enter and confirm orders, one who records payments, and who reads along."""

    urls: list[str]
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    pages_read: int = 0

    def __post_init__(self) -> None:
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._end.clear()
        for name, username, work in (
            ("a", "clara", self._enter_order),
            ("b", "clara", self._enter_order),
            ("c", "carlo", self._record_payment),
            ("d", "cora", self._read_aging),
        ):
            thread = threading.Thread(target=self._go_on, args=(name, username, work), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let everybody finish what is under way."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int, timeout: float) -> float | None:
        """Seconds until so many more operations were acknowledged; None when they were not."""
        begun = time.monotonic()
        while time.monotonic() - begun < timeout:
            # Two answers may have been on their way already: what was sent later is counted.
            done = sorted(each.at for each in self.acknowledged if each.at > begun)
            if len(done) >= count:
                return done[count - 1] - begun
            time.sleep(0.02)
        return None

    def _go_on(self, name: str, username: str, work: Callable[[Browser, str], None]) -> None:
        browser = Browser(self.urls)
        try:
            browser.sign_in(username)
            for number in itertools.count(1):
                if self._end.is_set():
                    return
                work(browser, f"drill-{name}-{number}")
        except Refused as refused:
            self.refused.append(f"{username}: {refused}")

    def _enter_order(self, browser: Browser, reference: str) -> None:
        fields = {
            "customer": "C1001" if "-a-" in reference else "C1002",
            "customer_reference": reference,
            "then": "confirm",
            "lines-TOTAL_FORMS": "1",
            "lines-INITIAL_FORMS": "0",
            "lines-0-item": "LMP-10",
            "lines-0-quantity": "1",
        }
        self._note(ORDER, reference, browser.post("/orders/new/", fields))

    def _record_payment(self, browser: Browser, reference: str) -> None:
        fields = {
            "customer": "C1004",
            "direction": "in",
            "amount": "10.00",
            "currency": "EUR",
            "value_date": clock.today().isoformat(),
            "bank_account": "EUR",
            "method": "cash",
            "reference": reference,
            "another": "on",
        }
        self._note(PAYMENT, reference, browser.post("/receivables/payments/new/", fields))

    def _read_aging(self, browser: Browser, _reference: str) -> None:
        browser.get("/receivables/aging/")
        self.pages_read += 1
        time.sleep(0.5)

    def _note(self, kind: str, reference: str, answer: tuple[str, str]) -> None:
        op_id, address = answer
        row_id = address.rstrip("/").rpartition("/")[2]
        if not row_id.isdecimal():
            raise Refused(f"{kind} {reference} was led to {address}")
        self.acknowledged.append(
            Acknowledged(kind, op_id, reference, int(row_id), time.monotonic())
        )
