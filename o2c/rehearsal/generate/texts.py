"""Document numbers that stand in texts and in JSON: INV-2026-000056 in the words of a payer.

Each copy has numbers of its own, so its texts must name those. A text with numbers is kept beside
the row as a format with its numbers, which the copying fills in.
"""

import re
from collections.abc import Sequence

from django.db import connection
from django.db.models import CharField, Field, JSONField, TextField

from o2c.rehearsal.generate.copying import Table, columns, source

_DIGITS = r"(\d{6,})\b"


def mark_numbers(model: Table, prefixes: Sequence[str]) -> dict[str, int]:
    """Keep the texts of a table that name documents; return how many numbers each column holds."""
    found = {}
    number = re.compile(rf"\b({'|'.join(map(re.escape, prefixes))})(\d{{4}}-)?{_DIGITS}")
    for field in columns(model):
        if isinstance(field, CharField | TextField | JSONField) and (
            most := _mark(model, field, number)
        ):
            found[field.name] = most
    return found


def _mark(model: Table, field: Field, number: re.Pattern[str]) -> int:
    rows = _texts(model, field, number)
    most = max((len(numbers) for _id, _text, numbers in rows), default=0)
    if most:
        places = [f"{field.column}_nr{place}" for place in range(1, most + 1)]
        _add_columns(model, f"{field.column}_text", places)
        names = ", ".join(f'"{name}" = %s' for name in (f"{field.column}_text", *places))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {source(model)} SET {names} WHERE {model._meta.pk.column} = %s",
                [(text, *_filled(numbers, most), pk) for pk, text, numbers in rows],
            )
    return most


def _texts(model: Table, field: Field, number: re.Pattern[str]) -> list[tuple[int, str, list[int]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT {model._meta.pk.column}, "{field.column}"::text FROM {source(model)} '
            f"WHERE \"{field.column}\"::text ~ '-[0-9]{{6}}'"
        )
        texts = cursor.fetchall()
    return [
        (pk, number.sub(lambda m: f"{m[1]}{m[2] or ''}%s", text.replace("%", "%%")), numbers)
        for pk, text in texts
        if (numbers := [int(match[3]) for match in number.finditer(text)])
    ]


def _filled(numbers: list[int], most: int) -> list[int | None]:
    return [*numbers, *[None] * (most - len(numbers))]


def _add_columns(model: Table, text: str, places: Sequence[str]) -> None:
    added = [f'ADD COLUMN "{text}" text', *(f'ADD COLUMN "{name}" bigint' for name in places)]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {source(model)} {', '.join(added)}")
