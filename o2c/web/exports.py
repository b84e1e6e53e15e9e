"""Rows as a file to take away, in the kinds of file that every list and report offers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

from o2c.core.standby import stream_from_standby
from o2c.tabular import write_csv, write_xlsx

EXPORTS: dict[str, tuple[Callable[..., Iterator[bytes]], str]] = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (
        write_xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


def export(
    rows: Iterable[Sequence[Any]],
    labels: Sequence[str],
    *,
    name: str,
    kind: str,
    are_read: bool = False,
) -> HttpResponse:
    """Rows under their labels as the download `name.kind`, written while it is sent.

    Unless they `are_read` already, they are read meanwhile, from the standby.
    """
    writer, content_type = EXPORTS[kind]
    parts = writer(rows, labels)
    streamed: Any = StreamingHttpResponse(
        parts if are_read else stream_from_standby(parts),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )
    return streamed  # type: ignore[no-any-return]  # the stubs keep the two responses apart
