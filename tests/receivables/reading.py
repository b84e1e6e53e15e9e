"""Where a page of receivables is, and what a reader reads there."""

from html import unescape
from typing import Any

from django.urls import reverse
from django.utils.html import strip_tags


def url(name: str, *args: Any) -> str:
    return reverse(f"receivables:{name}", args=args)


def text(response: Any) -> str:
    """No tags, single blanks."""
    return " ".join(unescape(strip_tags(response.content.decode())).split())
