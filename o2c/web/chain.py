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

_provider: ChainProvider | None = None


def set_chain_provider(provider: ChainProvider) -> None:
    """Register what answers `chain_of`; called once, by the roof."""
    global _provider
    _provider = provider


def chain_of(document: Any, actor: Actor) -> list[list[ChainNode]]:
    """The stops around document in order, neighbours of one kind stacked together.

    A stop that actor may not open has no address.
    """
    stacks: list[list[ChainNode]] = []
    for node in _provider(document) if _provider else ():
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
    stacks = chain_of(document, actor)
    own = next((at for at, stack in enumerate(stacks) if any(n.current for n in stack)), None)
    if own is None:
        return ""
    later = [node for stack in stacks[own + 1 :] for node in stack]
    waiting = [node for node in later if node.number and node.status in ("planned", "blocked")]
    to_come = [node for node in later if not node.number]
    if not waiting:
        return format_html(_(" Next: {}."), to_come[0].kind) if to_come else ""
    node = waiting[-1]
    words = format_html("{} {}", node.kind, node.number)
    link = format_html('<a href="{}">{}</a>', node.url, words) if node.url else words
    state = node.badge.label if node.badge else ""
    return format_html(" {}", format_html(_("Next: {} ({})."), link, state))
