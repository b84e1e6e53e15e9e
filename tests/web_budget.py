"""The budget every list keeps: at most twelve statements, and the same for 10 or 200 rows."""

from collections.abc import Callable
from typing import Any

from tests.conftest import counted_statements

LIST_BUDGET = 12
DETAIL_BUDGET = 20


def assert_list_budget(
    client: Any, url: str, make_rows: Callable[[int], Any], limit: int = LIST_BUDGET
) -> None:
    """Ask url with 10 rows and again with 200; `make_rows(n)` makes n more rows.

    The session and user rows of the signed-in client count as well.
    """
    separator = "&" if "?" in url else "?"
    asked = f"{url}{separator}size=200"
    make_rows(10)
    client.get(asked)  # content types and the like are cached after the first
    with counted_statements() as few:
        assert client.get(asked).status_code == 200
    make_rows(190)
    with counted_statements() as many:
        assert client.get(asked).status_code == 200
    assert int(few) == int(many), f"grows with its rows: {few}\n---\n{many}"
    assert int(many) <= limit, f"{int(many)} statements:\n{many}"


def assert_detail_budget(client: Any, url: str, limit: int = DETAIL_BUDGET) -> None:
    """Ask one detail page for at most `limit` statements."""
    client.get(url)
    with counted_statements() as count:
        assert client.get(url).status_code == 200
    assert int(count) <= limit, f"{int(count)} statements:\n{count}"
