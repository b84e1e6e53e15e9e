"""Which open items make exactly this amount?"""

from collections.abc import Sequence
from itertools import combinations

#: above this the number of sums explodes and a coincidence becomes likely
MAX_ITEMS = 24
MAX_CHOSEN = 6


def find_subset(target: int, amounts: Sequence[int]) -> tuple[int, ...] | None:
    """The indexes of the amounts that sum to target, in minor units; None when not exactly one way.

    Two ways are no evidence: the caller must not choose between them. Subsets of up to MAX_CHOSEN
    of MAX_ITEMS amounts are looked at by meeting in the middle.
    """
    if not 0 < len(amounts) <= MAX_ITEMS:
        return None
    half = len(amounts) // 2
    left = _sums(amounts, range(half))
    found: list[tuple[int, ...]] = []
    for total, choices in _sums(amounts, range(half, len(amounts))).items():
        for other in left.get(target - total, ()):
            for choice in choices:
                chosen = other + choice
                if 0 < len(chosen) <= MAX_CHOSEN:
                    found.append(chosen)
                    if len(found) > 1:
                        return None
    return found[0] if found else None


def _sums(amounts: Sequence[int], indexes: range) -> dict[int, list[tuple[int, ...]]]:
    sums: dict[int, list[tuple[int, ...]]] = {}
    for size in range(min(len(indexes), MAX_CHOSEN) + 1):
        for chosen in combinations(indexes, size):
            sums.setdefault(sum(amounts[i] for i in chosen), []).append(chosen)
    return sums
