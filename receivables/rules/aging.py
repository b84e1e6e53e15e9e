"""Into which bucket an open item falls: always exactly one."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Basis = Literal["due", "invoice"]


class Bucket(NamedTuple):
    """Days from `first` to `last`, both included; None is open-ended."""

    first: int | None
    last: int | None


class BucketsWrong(ValueError):
    """The text does not describe buckets. `code`: `empty`, `invalid`, `order` or `many`."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(f"{text!r} does not describe aging buckets ({code})")
        self.code = code


MOST_BUCKETS = 12
LONGEST_DAYS = 3650


def thresholds(bounds: Sequence[int], basis: Basis) -> list[int]:
    """The first day of every bucket but the first: an age is in bucket width_bucket(age, these).

    By due date the first bucket is what is not due yet, day 0 included; by invoice date there is
    no such thing and the first bucket begins with the invoice's own day.
    """
    starts = [bound + 1 for bound in bounds]
    return [1, *starts] if basis == "due" else starts


def buckets(bounds: Sequence[int], basis: Basis) -> list[Bucket]:
    """The buckets in order; together they cover every day there is."""
    starts = thresholds(bounds, basis)
    firsts: list[int | None] = [None if basis == "due" else 0, *starts]
    lasts: list[int | None] = [*(start - 1 for start in starts), None]
    return [Bucket(first, last) for first, last in zip(firsts, lasts, strict=True)]


def parse_bounds(text: str) -> list[int]:
    """Read `30,60,90`: the last days of the buckets, rising. Raises BucketsWrong."""
    parts = [part.strip() for part in text.split(",")]
    if not any(parts):
        raise BucketsWrong(text, "empty")
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        raise BucketsWrong(text, "invalid")
    bounds = [int(part) for part in parts]
    if bounds != sorted(set(bounds)) or not 1 <= bounds[0] <= bounds[-1] <= LONGEST_DAYS:
        raise BucketsWrong(text, "order")
    if len(bounds) > MOST_BUCKETS:
        raise BucketsWrong(text, "many")
    return bounds
