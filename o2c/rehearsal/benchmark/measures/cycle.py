"""The full cycle of an order of five lines, product and bare SQL in turn, by 1 and 2 processes."""

import cProfile
import io
import pstats
from dataclasses import dataclass
from functools import cache
from random import Random

import psycopg

from o2c.core import clock
from o2c.rehearsal.benchmark.bare.cycle import BareCycle
from o2c.rehearsal.benchmark.bare.schema import install
from o2c.rehearsal.benchmark.bench import Bench, Sizes
from o2c.rehearsal.benchmark.cycle import trade
from o2c.rehearsal.benchmark.figures import Aim, Figure
from o2c.rehearsal.benchmark.meter import Meter, Spent, spend
from o2c.rehearsal.benchmark.place import Worker, run_at_once
from o2c.rehearsal.benchmark.world import World, world

RATE = Aim(0.25, 0.125, more_is_better=True, of_ratio=True)
PROFILED = 40  # lines of the profile
#: the world and the bare tables are made by one process before the others use them
FIRST = 0


@dataclass(frozen=True)
class Pair:
    """What product and bare SQL cost in the same rounds, all processes added."""

    product: Spent
    bare: Spent


def measure(bench: Bench) -> list[Figure]:
    """Rate by one and two processes; statements, transactions and processor time by one."""
    workers = bench.small.workers(2)
    for number, worker in enumerate(workers):
        worker.run(warm_up, number)
    bench.tell("cycles, one process")
    one = compare(workers[:1], bench.sizes)
    bench.tell("cycles, two processes")
    two = compare(workers, bench.sizes)
    return [
        _rate("full cycle of 5 lines, 1 process", one, 1),
        _rate("full cycle of 5 lines, 2 processes", two, 2),
        *_costs(one),
    ]


def compare(workers: list[Worker], sizes: Sizes) -> Pair:
    """Rounds of product and bare SQL in turn, in all the processes at once."""
    product, bare = Spent(), Spent()
    for number in range(sizes.rounds):
        for each in run_at_once(workers, product_round, sizes.batches, number):
            product += each
        for each in run_at_once(workers, bare_round, sizes.bare_cycles, number):
            bare += each
    return Pair(product, bare)


def profile(bench: Bench, batches: int) -> str:
    """Where the time of so many batches of cycles goes: by own time, and by all it calls."""
    worker = bench.small.workers(1)[FIRST]
    worker.run(warm_up, FIRST)
    return worker.run(_profile, batches)


def warm_up(number: int) -> None:
    """The first cycles fill caches; they are not counted."""
    product_round(number, 1, -1)
    bare_round(number, 10, -1)


def product_round(number: int, batches: int, seed: int) -> Spent:
    """Batches of product cycles in the process of that number."""
    there, meter = _world(), Meter()
    account, random = there.bank_accounts[number], Random(f"{number} {seed}")
    return meter.spend(lambda: trade(there, account, batches, random, meter.step))


def bare_round(number: int, cycles: int, seed: int) -> Spent:
    """Bare cycles in the process of that number."""
    cycle, random = _bare_cycle(), Random(f"{number} {seed}")
    statements, transactions = cycle.statements, cycle.transactions
    spent = spend(lambda: cycle.run(cycles, random), cycle.connection.info.backend_pid)
    spent.steps["cycle"] = cycle.statements - statements
    spent.transactions = cycle.transactions - transactions
    return spent


@cache
def _world() -> World:
    return world()


@cache
def _bare_cycle() -> BareCycle:
    return BareCycle(_bare_connection(), clock.today())


def _bare_connection() -> psycopg.Connection:
    from django.db import connection

    from o2c.core.databases import connect

    made = connect(connection.settings_dict["NAME"])
    install(made)
    return made


def _profile(batches: int) -> str:
    there, profiler, out = _world(), cProfile.Profile(), io.StringIO()
    profiler.runcall(trade, there, there.bank_accounts[FIRST], batches, Random(1))
    stats = pstats.Stats(profiler, stream=out)
    stats.sort_stats("tottime").print_stats(PROFILED)
    stats.sort_stats("cumulative").print_stats(PROFILED)
    return out.getvalue()


def _rate(name: str, pair: Pair, processes: int) -> Figure:
    """Cycles a second of all the processes together: each measured its own share of the time."""
    return Figure(
        "cycle",
        name,
        processes * pair.product.per_second,
        "cycles/s",
        beside=processes * pair.bare.per_second,
        aim=RATE,
    )


def _costs(pair: Pair) -> list[Figure]:
    product, bare = pair.product, pair.bare
    figures = [
        Figure(
            "cycle", "statements per cycle", product.statements, "statements", bare.statements,
            Aim(70, 85), {step: count / product.times for step, count in product.steps.items()},
        ),
        Figure(
            "cycle", "transactions per cycle", product.transactions / product.times,
            "transactions", bare.transactions / bare.times, Aim(12, 16),
        ),
        Figure(
            "cycle", "processor time per cycle, application", 1000 * product.app_s / product.times,
            "ms", 1000 * bare.app_s / bare.times, Aim(30, 60),
        ),
    ]  # fmt: skip
    if product.server_s is not None and bare.server_s is not None:
        server, bare_server = product.server_s / product.times, bare.server_s / bare.times
        figures.append(
            Figure(
                "cycle", "processor time per cycle, PostgreSQL", 1000 * server, "ms",
                1000 * bare_server, Aim(25, 40),
            )
        )  # fmt: skip
    return figures
