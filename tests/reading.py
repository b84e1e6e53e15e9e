"""Where a page is, and what a reader reads there."""

from collections.abc import Callable
from html import unescape
from typing import Any

from django.urls import reverse
from django.utils.html import strip_tags


def urls_of(stage: str) -> Callable[..., str]:
    """`url = urls_of("receivables")`, then `url("payment_act", 7, "reverse")`."""
    return lambda name, *args: reverse(f"{stage}:{name}", args=args)


def html(response: Any) -> str:
    return response.content.decode()


def text(response: Any) -> str:
    """No tags, single blanks."""
    return " ".join(unescape(strip_tags(html(response))).split())
