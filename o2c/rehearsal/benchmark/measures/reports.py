"""Verification, aging, lists and files of a generated company, by what a clerk would ask for."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter, process_time
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse

from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.verify import run_all
from o2c.masters.models import Company
from o2c.rehearsal.benchmark.bench import Bench
from o2c.rehearsal.benchmark.figures import Aim, Figure
from o2c.rehearsal.generate.company import generate
from orders.models import Order
from receivables.models import Allocation, OpenItem
from receivables.queries import AgingRequest, aging

TIMES = 7  # a figure in milliseconds is the middle one of so many
PAST = timedelta(days=30)
BROWSER = "benchmark"  # the user whose pages are measured; may see everything
SLOWEST = 8  # invariants that are named
#: The least SQL that answers the same question: open per customer and bucket.
_BUCKETS = "width_bucket(%(day)s::date - due_date, ARRAY[1, 31, 61, 91])"
BARE_TODAY = (
    f"SELECT customer_id, currency, {_BUCKETS}, sum(open_amount), count(*) "
    f'FROM "{OpenItem._meta.db_table}" WHERE open_amount <> 0 GROUP BY 1, 2, 3'
)
BARE_PAST = (
    f"SELECT customer_id, currency, {_BUCKETS}, sum(amount), count(*) FROM ("
    "SELECT i.customer_id, i.currency, i.due_date, i.original - coalesce(sum(a.amount + a.discount)"
    f', 0) AS amount FROM "{OpenItem._meta.db_table}" i LEFT JOIN "{Allocation._meta.db_table}" a '
    "ON a.open_item_id = i.id AND a.effective_date <= %(day)s WHERE i.posting_date <= %(day)s "
    "GROUP BY i.id) AS item WHERE amount <> 0 GROUP BY 1, 2, 3"
)


def measure(bench: Bench) -> list[Figure]:
    """All of them on the large company, one after the other in one process."""
    worker = bench.large.workers(1)[0]
    worker.run(prepare, bench.sizes.orders)
    figures = []
    for part in (verification, agings, pages, orders_file):
        bench.tell(f"large company: {part.__name__.replace('_', ' ')}")
        figures += worker.run(part)
    return figures


def prepare(orders: int) -> None:
    """Generate the company unless it was kept."""
    if not Company.objects.exists():
        generate(orders, 1, lambda what: None)


def verification() -> list[Figure]:
    """Every invariant in one snapshot, in seconds of waiting."""
    begun = perf_counter()
    findings = run_all()
    seconds = perf_counter() - begun
    slowest = sorted(findings, key=lambda finding: -finding.seconds)[:SLOWEST]
    return [
        Figure(
            "reports", f"verify at {Order.objects.count():,} orders", seconds, "s", None,
            Aim(8, 15), {f"{f.invariant.id} {f.invariant.title}": f.seconds for f in slowest},
        )
    ]  # fmt: skip


def agings() -> list[Figure]:
    """Of today and of a past day, in turn with the bare statements."""
    today = clock.today()
    items = OpenItem.objects.exclude(open_amount=0).count()
    cases = [
        ("today", today, BARE_TODAY, Aim(1.5, 2, of_ratio=True)),
        ("a past day", today - PAST, BARE_PAST, Aim(1.1, 1.2, of_ratio=True)),
    ]
    figures = []
    for name, day, sql, aim in cases:
        product, bare = [], []
        for _time in range(TIMES):
            product.append(_ms(partial(aging, AgingRequest(as_of=day))))
            bare.append(_ms(partial(_fetch, sql, day)))
        figures.append(
            Figure(
                "reports", f"aging {name}, {items:,} open items", median(product), "ms",
                median(bare), aim,
            )
        )  # fmt: skip
    return figures


def pages() -> list[Figure]:
    """Pages as the server makes them, without a network."""
    number = Invoice.objects.posted().order_by("-pk").values_list("number", flat=True)[0]
    invoices, orders = Invoice.objects.count(), Order.objects.count()
    asked = [
        ("aging page", reverse("receivables:aging"), {}, Aim(150, 250)),
        (f"number search, {invoices:,} invoices", reverse("invoicing:invoice_list"),
         {"q": number}, Aim(30, 60)),
        (f"four-way list, {orders:,} orders", reverse("reconciliation:order_match_list"), {},
         Aim(60, 150)),
    ]  # fmt: skip
    client = _client()
    figures = []
    for name, path, query, aim in asked:
        size = _size(client, path, query)  # the first fills caches
        times = [_ms(partial(_size, client, path, query)) for _time in range(TIMES)]
        figures.append(
            Figure("reports", name, median(times), "ms", None, aim, {"kB of the page": size / 1000})
        )
    return figures


def orders_file() -> list[Figure]:
    """All orders as CSV: processor time scaled to 150,000 rows, and the memory it added."""
    client, before = _client(), _peak_mb()
    begun = process_time()
    rows = -1  # the labels
    answer: Any = client.get(reverse("orders:order_list"), {"export": "csv"})
    for part in answer.streaming_content:
        rows += part.count(b"\n")
    seconds = process_time() - begun
    return [
        Figure(
            "reports", f"orders CSV, {rows:,} rows, processor time of 150,000",
            seconds * 150_000 / rows, "s", None, Aim(3, 5),
            {"MB above the process's earlier peak": _peak_mb() - before},
        )
    ]  # fmt: skip


def _client() -> Client:
    user, _made = get_user_model().objects.get_or_create(
        username=BROWSER, defaults={"is_superuser": True}
    )
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _size(client: Client, path: str, query: dict[str, str]) -> int:
    """Bytes of the page. Raises ValueError when it is not shown."""
    answer = client.get(path, query)
    if answer.status_code != 200:
        raise ValueError(f"{path}: {answer.status_code}")
    return len(answer.content)


def _fetch(sql: str, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"day": day})
        cursor.fetchall()


def _ms(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return 1000 * (perf_counter() - begun)


def _peak_mb() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024
