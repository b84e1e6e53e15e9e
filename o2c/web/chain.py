"""The chain of documents around one document: where it came from, what became of it.

Only the roof sees every stage, so it registers the provider at start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _

from o2c.core.actors import Actor
from o2c.web.badges import Badge, state_badge
from o2c.web.formats import money_text
from o2c.web.showing import view_right


@dataclass(frozen=True)
class ChainNode:
    """One stop of the stepper. Nodes of one `kind` that follow each other are drawn as a stack.

    A stop to come has a kind only; `right` is needed to open `url`.

    `status` is done, current, blocked, planned or failed; `amount` is in `currency`, or `note`
    says the progress in words ("8 of 12 lines").
    """

    kind: str | Promise
    number: str = ""
    url: str = ""
    badge: Badge | None = None
    day: date | None = None
    amount: Decimal | None = None
    currency: str = ""
    status: str = "done"
    current: bool = False
    note: str | Promise = ""
    icon: str = "circle"
    right: str = ""

    @property
    def amount_text(self) -> str:
        """The amount with its currency, or nothing."""
        return "" if self.amount is None else money_text(self.amount, self.currency)


def chain_node(document: models.Model, kind: str | Promise, **more: Any) -> ChainNode:
    """The node of an existing document; `more` sets or overrides its fields."""
    given: dict[str, Any] = {
        "number": str(document),
        "url": document.get_absolute_url(),  # type: ignore[attr-defined]
        "badge": state_badge(document),
        "right": view_right(type(document)),
        "icon": "check",
        **more,
    }
    return ChainNode(kind, **given)


ChainProvider = Callable[[Any], Sequence[ChainNode]]
NextProvider = Callable[[Any], ChainNode | None]

_providers: list[tuple[ChainProvider, NextProvider]] = []


def set_chain_provider(chain: ChainProvider, next_stop: NextProvider) -> None:
    """Register what answers `chain_of` and `next_words`; called once, by the roof."""
    _providers[:] = [(chain, next_stop)]


def chain_of(document: Any, actor: Actor) -> list[list[ChainNode]]:
    """The stops around document in order, neighbours of one kind stacked together.

    A stop that actor may not open has no address.
    """
    stacks: list[list[ChainNode]] = []
    for node in _providers[0][0](document) if _providers else ():
        if node.right and not actor.has_perm(node.right):
            node = replace(node, url="")
        if stacks and stacks[-1][0].kind == node.kind:
            stacks[-1].append(node)
        else:
            stacks.append([node])
    return stacks


def next_words(document: Any, actor: Actor) -> str:
    """` Next: Pick PL-000131 (Ready).` with a link, to follow a sentence; or nothing.

    It is the latest stop after document's own that waits for somebody, else the first stop to
    come. What is done is not named.
    """
    node = _providers[0][1](document) if _providers else None
    if node is None:
        return ""
    if not node.number:
        return format_html(_(" Next: {}."), node.kind)
    words = format_html("{} {}", node.kind, node.number)
    may_open = node.url and actor.has_perm(node.right)
    link = format_html('<a href="{}">{}</a>', node.url, words) if may_open else words
    state = node.badge.label if node.badge else ""
    return format_html(" {}", format_html(_("Next: {} ({})."), link, state))
