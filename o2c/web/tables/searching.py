"""What a search of a list finds: first in the rows that others have, then by key."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import Q

from o2c.web.tables.paths import foreign_keys_on

#: As many keys as are handed on; more rows than that are found soon enough by reading on.
MOST_KEYS = 500


def containing(model: type[models.Model], paths: Sequence[str], terms: Iterable[str]) -> Q:
    """The rows of model with any of the terms, in any capitals, at any of the paths.

    Each foreign key on the paths is asked for by itself: a condition on columns of several tables
    is served by no index, one on the keys of the rows that were found is.
    """
    found = Q(pk__in=[])  # nothing yet
    for link, rests in _by_link(model, paths).items():
        if not link:
            found |= _text_in(rests, terms)
            continue
        others: Any = model._meta.get_field(link).related_model
        keys = keys_of(others._base_manager.filter(containing(others, rests, terms)))
        if keys is None:
            found |= _text_in([f"{link}__{rest}" for rest in rests], terms)
        elif keys:
            found |= Q(**{f"{link}__in": keys})
    return found


def keys_of(queryset: models.QuerySet[Any]) -> list[Any] | None:
    """The keys of these rows; None when they are too many to be handed on."""
    keys = list(queryset.order_by().values_list("pk", flat=True)[: MOST_KEYS + 1])
    return keys if len(keys) <= MOST_KEYS else None


def _by_link(model: type[models.Model], paths: Sequence[str]) -> dict[str, list[str]]:
    """The paths from the first foreign key on, by that key; "" for columns of model itself."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        first, _sep, rest = path.partition("__")
        if rest and foreign_keys_on(model, first):
            found[first].append(rest)
        else:
            found[""].append(path)
    return found


def _text_in(paths: Iterable[str], terms: Iterable[str]) -> Q:
    found = Q()
    for path in paths:
        for term in terms:
            found |= Q(**{f"{path}__icontains": term})
    return found
