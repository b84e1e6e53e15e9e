"""The abstract business document: a state, a version, who made it."""

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar, Self

from django.db import models
from django.utils.functional import Promise
from django_fsm import Transition

from o2c.core import clock
from o2c.core.addresses import row_address
from o2c.core.states import Amount, StepInfo, snake_case


class DocumentQuerySet(models.QuerySet[Any]):
    """What every list of documents can do."""

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class Eventful(models.Model):
    """Something whose doings others may have to follow: it records events.

    `noun` is its name in events, rights and URLs.
    """

    noun: ClassVar[str]
    #: events recorded without a change of state, creation among them, with their past tense
    other_events: ClassVar[dict[str, str | Promise]] = {}
    #: words for the facts of its events; a fact without words steers the flow and is not shown
    fact_words: ClassVar[dict[str, str | Promise | Amount]] = {}

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "noun" not in cls.__dict__:
            cls.noun = snake_case(cls.__name__)

    @classmethod
    @cache
    def event_words(cls) -> dict[str, str | Promise]:
        """Every event it can record, `order.confirmed` style, with what it is called."""
        return {f"{cls.noun}.{name}": past for name, past in cls.other_events.items()}


class Document(Eventful):
    """Something that happened in the business and is kept: created once, moved by verbs.

    A subclass declares `number`, `state = StateField(...)`, its `@step` methods and, when it has
    commercial fields, `history`. `lock_rank` is its place in the global lock order.
    """

    #: bumped by the door with every change; a form opened on an older one is refused
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.CharField(max_length=150, editable=False)

    objects = DocumentQuerySet.as_manager()

    lock_rank: ClassVar[int]
    #: each document declares its own field, with its own words
    state: Any

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(getattr(self, "number", None) or f"{self._meta.verbose_name} #{self.pk}")

    def get_absolute_url(self) -> str:
        return row_address(f"{self._meta.app_label}:{self.noun}_detail", self.pk)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__["_rereading"] = True
        try:
            super().refresh_from_db(*args, **kwargs)
        finally:
            del self.__dict__["_rereading"]

    @classmethod
    def permission(cls, verb: str) -> str:
        """The right to do verb: `orders.confirm_order`."""
        return f"{cls._meta.app_label}.{verb}_{cls.noun}"

    @classmethod
    def transitions(cls) -> Iterator[Transition]:
        """Every declared transition, one per verb and source state."""
        field: Any = cls._meta.get_field("state")
        found: Iterator[Transition] = field.get_all_transitions(cls)
        return found

    @classmethod
    @cache
    def steps(cls) -> dict[str, StepInfo]:
        """The verbs of this document, in the order they are declared."""
        declared = {t.custom["info"].verb: t.custom["info"] for t in cls.transitions()}
        order = [name for base in reversed(cls.__mro__) for name in vars(base)]
        return {verb: declared[verb] for verb in sorted(declared, key=order.index)}

    @classmethod
    @cache
    def event_words(cls) -> dict[str, str | Promise]:
        """Those of its verbs, and the others."""
        steps = {f"{cls.noun}.{info.event}": info.past for info in cls.steps().values()}
        return {**super().event_words(), **steps}
