"""The declaration of a list page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from o2c.web.tables.columns import Column
from o2c.web.tables.filters import Filter


@dataclass(frozen=True)
class Tab:
    """A standing question asked of the list, counted on its tab. The first one is where work is."""

    key: str
    label: str | Promise
    narrow: Callable[[models.QuerySet[Any]], models.QuerySet[Any]] = lambda queryset: queryset


class Table:
    """One list page. Subclass it, name the model and the columns; everything else has a default.

    `detail`, `new` and `imports` are URL names; `default_sort` is a column key, "-" for
    descending; the primary key always breaks ties. `new_permission` is the right the *New* and
    *Import* buttons need, by default the model's add right.
    """

    title: ClassVar[str | Promise]
    model: ClassVar[type[models.Model]]
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Sequence[Filter]] = ()
    tabs: ClassVar[Sequence[Tab]] = ()
    detail: ClassVar[str] = ""
    new: ClassVar[str] = ""
    new_label: ClassVar[str | Promise] = _("New")
    new_permission: ClassVar[str] = ""
    imports: ClassVar[str] = ""
    default_sort: ClassVar[str] = "-pk"
    empty: ClassVar[str | Promise] = _("Nothing here yet.")
    page_size: ClassVar[int] = 50

    @classmethod
    def view_permission(cls) -> str:
        """The right to see this list, which is the right to see its stage."""
        app = cls.model._meta.app_label
        return f"{app}.view_{app}"

    @classmethod
    def birth_permission(cls) -> str:
        """The right the *New* button needs."""
        default = f"{cls.model._meta.app_label}.add_{cls.model._meta.model_name}"
        return cls.new_permission or default

    @classmethod
    def column(cls, key: str) -> Column | None:
        """The column of that key, if there is one."""
        return next((column for column in cls.columns if column.key == key), None)
