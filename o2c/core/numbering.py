"""Numbers without gaps, for documents that the law wants counted."""

from o2c.core import prepared
from o2c.core.work import take_rank

NUMBER_RANK = 110


def draw_number(series: str, prefix: str, digits: int = 6) -> str:
    """Draw the next number of series, e.g. draw_number("invoice:2026", "INV-2026-").

    Call it last: everybody who draws waits for the counter row until this transaction ends. A
    rollback gives the number back, so there are no gaps.
    """
    take_rank(NUMBER_RANK)
    ((number,),) = prepared.fetch(
        "INSERT INTO core_numberseries AS series (code, last_number) VALUES (%s, 1) "
        "ON CONFLICT (code) DO UPDATE SET last_number = series.last_number + 1 "
        "RETURNING last_number",
        [series],
    )
    return f"{prefix}{number:0{digits}d}"
