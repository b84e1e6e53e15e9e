"""Numbers and codes as people write them: what those that mean one thing have in common.

Python compares by these, the database by the expressions beside them (`number_key_of`, `Upper`);
tests hold the two together.
"""

import re

_BETWEEN = re.compile(r"[^A-Za-z0-9]+")
_NO_DIGIT = re.compile(r"[^0-9]+")


def number_key(number: str) -> str:
    """RE-10550, re 10550 and RE10550 are one: letters and digits, in capitals.

    Only plain ones count, so that no alphabet is upper-cased in two ways.
    """
    return _BETWEEN.sub("", number).upper()


def digits_key(number: str) -> str:
    """The digits of a number alone, without zeros in front: 10550."""
    return _NO_DIGIT.sub("", number).lstrip("0")


def code_key(code: str) -> str:
    """What the spellings of one code share: 47566b and 47566B are one.

    Letters whose capital is more than one letter, such as ß, stay, as in the database.
    """
    if code.isascii():
        return code.upper()
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in code)
