"""A document's number as people write it: the same whatever stands between its parts.

`number_key` is what Python compares, `NumberKey` what the database indexes; a test holds the two
together. Only plain letters and digits count, so that no alphabet is upper-cased in two ways.
"""

import re

_BETWEEN = re.compile(r"[^A-Za-z0-9]+")
_NO_DIGIT = re.compile(r"[^0-9]+")


def number_key(number: str) -> str:
    """RE-10550, re 10550 and RE10550 are one: letters and digits, in capitals."""
    return _BETWEEN.sub("", number).upper()


def digits_key(number: str) -> str:
    """The digits of a number alone, without zeros in front: 10550."""
    return _NO_DIGIT.sub("", number).lstrip("0")
