"""Accounts are made by administrators: nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """allauth with the front door closed."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False
