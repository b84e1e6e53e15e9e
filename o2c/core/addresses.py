"""Addresses of the pages of rows. A page names a hundred rows, and their addresses differ in one
number; to find each by its URL's name took 7 % of the page's time."""

from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, get_urlconf, reverse

_ANY_KEY = 1_234_567_890


def row_address(name: str, pk: int | None) -> str:
    """`reverse(name, args=[pk])`, of a URL with one number in it. Raises NoReverseMatch."""
    if pk is None:
        raise NoReverseMatch(f"A row that is not saved has no page {name}.")
    before, after = _around_key(name, get_urlconf() or settings.ROOT_URLCONF)
    return f"{before}{pk}{after}"


def plain_address(name: str) -> str:
    """`reverse(name)`, of a URL without parts. Raises NoReverseMatch."""
    return _without_key(name, get_urlconf() or settings.ROOT_URLCONF)


@lru_cache(maxsize=1000)
def _around_key(name: str, urlconf: str) -> tuple[str, str]:
    before, _key, after = reverse(name, urlconf, args=[_ANY_KEY]).partition(str(_ANY_KEY))
    return before, after


@lru_cache(maxsize=1000)
def _without_key(name: str, urlconf: str) -> str:
    return reverse(name, urlconf)
