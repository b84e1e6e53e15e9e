"""Whether the account a bank's file names is one of ours."""

import re

_BANK_CODE = re.compile(r"^(\d{8})/(\d{1,10})$", re.ASCII)


def plain_account(name: str) -> str:
    """An account's name without blanks, dashes, case and leading zeros."""
    return "".join(c for c in name.upper() if c.isalnum()).lstrip("0")


def names_account(theirs: str, *, iban: str, account_number: str) -> bool:
    """Whether `theirs`, as a statement writes it, is the account with this IBAN or number.

    A German bank code and account number (`10020030/1234567`) make the IBAN from its fifth digit.
    """
    ours = {plain_account(iban), plain_account(account_number)} - {""}
    if plain_account(theirs) in ours:
        return True
    german = _BANK_CODE.match(theirs.strip())
    return german is not None and iban[:2] + iban[4:] == f"DE{german[1]}{german[2]:0>10}"
