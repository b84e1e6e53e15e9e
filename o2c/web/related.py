"""Links from a document's page to what other stages have to say about it.

Only the roof sees every stage, so it registers the provider at start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class RelatedLink:
    """A page about the document, for readers with the right to see it."""

    label: str | Promise
    url: str
    icon: str
    permission: str


RelatedProvider = Callable[[Any], Sequence[RelatedLink]]

_provider: RelatedProvider | None = None


def set_related_provider(provider: RelatedProvider) -> None:
    """Register what answers `related_to`; called once, by the roof."""
    global _provider
    _provider = provider


def related_to(document: Any, user: Any) -> list[RelatedLink]:
    """The links of document that user may follow."""
    links = _provider(document) if _provider else ()
    return [link for link in links if user.has_perm(link.permission)]
