"""manage.py generate --orders N [--volume V]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2c.rehearsal.generate.company import Generated, GenerateRefused, generate

MOST = 10_000_000
MOST_VOLUME = 20
ORDERS_PER_VOLUME = 10_000  # a larger company is copied from a larger small one
USUAL_VOLUME = 4  # at most; playing takes time


class Command(BaseCommand):
    help = "Fill an empty database with a consistent company of N orders, for measuring."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=int, required=True, metavar="N")
        parser.add_argument(
            "--volume",
            type=int,
            metavar="V",
            help="orders of each customer, in times the demo's: more orders, fewer customers",
        )

    def handle(self, *args: Any, orders: int, volume: int | None, **options: Any) -> None:
        if not 1 <= orders <= MOST:
            raise CommandError(f"--orders takes a number from 1 to {MOST:,}.")
        if volume is None:
            volume = min(max(orders // ORDERS_PER_VOLUME, 1), USUAL_VOLUME)
        if not 1 <= volume <= MOST_VOLUME:
            raise CommandError(f"--volume takes a number from 1 to {MOST_VOLUME}.")
        try:
            made = generate(orders, volume, self._tell)
        except GenerateRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(self._summary(made))

    def _tell(self, what: str) -> None:
        self.stderr.write(f"generate: {what}")

    def _summary(self, made: Generated) -> str:
        return (
            f"{made.orders:,} orders of {made.customers:,} customers, {made.invoices:,} invoices, "
            f"{made.open_items:,} open items.\n"
            f"Played in {made.played_s:.0f} s, copied in {made.copied_s:.0f} s: "
            f"{made.orders / made.copied_s:,.0f} orders/s."
        )
