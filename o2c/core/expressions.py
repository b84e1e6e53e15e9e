"""Database expressions that several models index."""

from collections.abc import Iterable

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Expression, F, Func, Value
from django.db.models.functions import Upper

_ALL = Value("g")


class Without(Func):
    """A text without the characters of a class."""

    function = "regexp_replace"
    output_field = models.TextField()


class IsOneOf(Func):
    """Whether a text or key is among many: one parameter, however many they are."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()

    def __init__(self, one: Func | F, many: Iterable[str] | Iterable[int] | Expression) -> None:
        super().__init__(one, many if isinstance(many, Expression) else Value(sorted(many)))


def number_key_of(field: str) -> Func:
    """`number_keys.number_key` of a column."""
    return Upper(Without(F(field), Value("[^A-Za-z0-9]+"), Value(""), _ALL))


def digits_key_of(field: str) -> Func:
    """`number_keys.digits_key` of a column."""
    digits = Without(F(field), Value("[^0-9]+"), Value(""), _ALL)
    return Func(digits, Value("0"), function="ltrim", output_field=models.TextField())


def search_index(name: str, *fields: str) -> GinIndex:
    """Finds any part of these texts in any capitals, as `icontains` asks (ADR 77)."""
    return GinIndex(*(OpClass(Upper(field), "gin_trgm_ops") for field in fields), name=name)
