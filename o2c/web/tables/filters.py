"""Filters: each reads its own query parameters, narrows the list, and says what it refused."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from o2c.core.spellings import plain
from o2c.web.formats import date_text
from o2c.web.tables.paths import field_at
from o2c.web.tables.searching import containing

SEARCH = gettext_lazy("Search")

_MOST_CHOICES = 100
_LONGEST_SEARCH = 200
_AMOUNT = re.compile(r"([<>]?)([0-9]{1,12}(?:\.[0-9]{1,4})?)")


@dataclass
class Asked:
    """What one filter understood of the request: the narrowing, the words for it, the refusals."""

    condition: Q | None = None
    summary: str = ""
    problems: list[str] = field(default_factory=list)
    choices: list[tuple[str, str | Promise, bool]] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)


class Filter(ABC):
    """One way to narrow a list. `name` is a path on the model and the parameter's name."""

    template = ""

    def __init__(self, name: str, label: str | Promise = "") -> None:
        self.name = name
        self._label = label

    def label(self, model: type[models.Model]) -> str:
        """The words on the chip: the given ones, or the field's own name."""
        return str(self._label or capfirst(str(field_at(model, self.name).verbose_name)))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The query parameters this filter reads."""
        return (self.name,)

    @abstractmethod
    def read(self, params: QueryDict, model: type[models.Model]) -> Asked:
        """Understand params. Never raises: what makes no sense lands in `problems`."""


class SearchFilter(Filter):
    """The search box. Alternatives are separated by `|`, comma or line break; case does not matter.

    `>5000`, `<20` and plain numbers also look at the `amounts` paths.
    """

    template = "web/filters/search.html"

    def __init__(
        self,
        *paths: str,
        amounts: tuple[str, ...] = (),
        label: str | Promise = SEARCH,
    ) -> None:
        super().__init__("q", label)
        self.paths = paths
        self.amounts = amounts

    def read(self, params: QueryDict, model: type[models.Model]) -> Asked:
        text = params.get("q", "").strip()
        asked = Asked(values={"q": text[:_LONGEST_SEARCH]})
        if len(text) > _LONGEST_SEARCH:
            asked.problems.append(_("The search was cut to 200 characters."))
            text = text[:_LONGEST_SEARCH]
        wanted = [term for part in re.split(r"[|,\n]", text) if (term := plain(part))]
        if not wanted:
            return asked
        asked.summary = ", ".join(wanted)
        asked.condition = containing(model, self.paths, wanted)
        for term in wanted:
            asked.condition |= self._amounts(term)
        return asked

    def _amounts(self, term: str) -> Q:
        """The rows with this amount, if it is one."""
        found = Q()
        amount = _AMOUNT.fullmatch(term)
        if amount:
            lookup = {"": "exact", ">": "gt", "<": "lt"}[amount[1]]
            for path in self.amounts:
                found |= Q(**{f"{path}__{lookup}": Decimal(amount[2])})
        return found


class ChoiceFilter(Filter):
    """Any of a fixed set of words, e.g. states: `?state=draft&state=confirmed`."""

    template = "web/filters/choice.html"
    input_type = "checkbox"

    def __init__(
        self, name: str, choices: type[models.TextChoices], label: str | Promise = ""
    ) -> None:
        super().__init__(name, label)
        self.options = choices

    def read(self, params: QueryDict, model: type[models.Model]) -> Asked:
        given = [value for value in params.getlist(self.name) if value]
        labels = dict(self.options.choices)
        known = [value for value in given if value in labels]
        asked = Asked(
            choices=[(value, text, value in known) for value, text in labels.items()],
            problems=[_not_a(value, self.label(model)) for value in given if value not in labels],
        )
        if known:
            asked.condition = Q(**{f"{self.name}__in": known})
            asked.summary = ", ".join(str(labels[value]) for value in known)
        return asked


class BooleanFilter(Filter):
    """Yes or no: `?active=yes`."""

    template = "web/filters/choice.html"
    input_type = "radio"

    def read(self, params: QueryDict, model: type[models.Model]) -> Asked:
        given = params.get(self.name, "")
        words = {"yes": _("Yes"), "no": _("No")}
        asked = Asked(choices=[(value, text, value == given) for value, text in words.items()])
        if given in words:
            asked.condition = Q(**{self.name: given == "yes"})
            asked.summary = words[given]
        elif given:
            asked.problems.append(_not_a(given, self.label(model)))
        return asked


class ForeignKeyFilter(Filter):
    """Rows of one other record: `?customer=412`, or its code: `?customer=ACME`.

    Offers the choices when there are at most a hundred, else takes the code.
    """

    template = "web/filters/foreign_key.html"

    def __init__(self, name: str, label: str | Promise = "", *, code: str = "code") -> None:
        super().__init__(name, label)
        self.code = code

    def read(self, params: QueryDict, model: type[models.Model]) -> Asked:
        given = plain(params.get(self.name, ""))
        others = field_at(model, self.name).related_model._default_manager
        offered = list(others.order_by(self.code)[: _MOST_CHOICES + 1])
        asked = Asked(values={"given": given})
        chosen = self._find(given, offered, others) if given else None
        if len(offered) <= _MOST_CHOICES:
            asked.choices = [
                (str(other.pk), str(other), chosen is not None and other.pk == chosen.pk)
                for other in offered
            ]
        if chosen is not None:
            asked.condition = Q(**{self.name: chosen.pk})
            asked.summary = str(chosen)
        elif given:
            asked.problems.append(_not_a(given, self.label(model)))
        return asked

    def _find(self, given: str, offered: list[Any], others: Any) -> Any:
        for other in offered:
            if given in (str(other.pk), getattr(other, self.code)):
                return other
        known = Q(**{f"{self.code}__iexact": given})
        if given.isascii() and given.isdigit():
            known |= Q(pk=int(given))
        return others.filter(known).first()


class DateFilter(Filter):
    """A span of days: `?order_date_from=2026-11-01&order_date_to=2026-11-30`, both included."""

    template = "web/filters/span.html"
    kind = "date"

    @property
    def parameters(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def read(self, params: QueryDict, model: type[models.Model]) -> Asked:
        asked, condition = Asked(), Q()
        words = []
        for parameter, lookup, word in zip(
            self.parameters, ("gte", "lte"), (_("from %s"), _("to %s")), strict=True
        ):
            given = params.get(parameter, "").strip()
            asked.values[lookup] = ""
            if not given:
                continue
            value = self.parse(given)
            if value is None:
                asked.problems.append(_not_a(given, self.label(model)))
                continue
            asked.values[lookup] = given
            condition &= self.bound(model, lookup, value)
            words.append(word % self.words(value))
        asked.summary = " ".join(words)
        if words:
            asked.condition = condition
        return asked

    def parse(self, text: str) -> Any:
        """The bound that was typed, or None."""
        try:
            day = parse_date(text)
        except ValueError:
            return None
        return day if day and 1900 <= day.year <= 2200 else None

    def words(self, value: Any) -> str:
        """The bound in the reader's words."""
        return date_text(value)

    def bound(self, model: type[models.Model], lookup: str, value: date) -> Q:
        """The condition for one end of the span; a point in time counts by its day."""
        if not isinstance(field_at(model, self.name), models.DateTimeField):
            return Q(**{f"{self.name}__{lookup}": value})
        if lookup == "gte":
            return Q(**{f"{self.name}__gte": make_aware(datetime.combine(value, time.min))})
        next_day = datetime.combine(value + timedelta(days=1), time.min)
        return Q(**{f"{self.name}__lt": make_aware(next_day)})


class NumberFilter(DateFilter):
    """A span of figures: `?gross_from=100&gross_to=5000`, both included."""

    kind = "number"

    def parse(self, text: str) -> Decimal | None:
        if not re.fullmatch(r"-?[0-9]{1,13}(\.[0-9]{1,6})?", text):
            return None
        try:
            return Decimal(text)
        except InvalidOperation:
            return None

    def words(self, value: Any) -> str:
        return str(value)

    def bound(self, model: type[models.Model], lookup: str, value: Any) -> Q:
        return Q(**{f"{self.name}__{lookup}": value})


def _not_a(value: str, label: str) -> str:
    return _("“%(value)s” is not a known value of %(filter)s; it was ignored.") % {
        "value": value[:40],
        "filter": label,
    }
