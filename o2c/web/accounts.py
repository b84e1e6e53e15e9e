"""Accounts are made by administrators: nobody signs up."""

from math import ceil
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from o2c.core import clock
from o2c.web.client_address import client_address, networks

FAILED = {"app": "allauth.account", "action": "login_failed"}


class AccountAdapter(DefaultAccountAdapter):
    """allauth with the front door closed."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that rate limits count. Raises PermissionDenied when there is none."""
        peer, forwarded = (
            request.META.get(name, "") for name in ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR")
        )
        address = client_address(peer, forwarded, networks(settings.TRUSTED_PROXIES))
        if not address:
            raise PermissionDenied
        return address

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Whose failures are counted: the user's, however the name is spelled.

        allauth puts the Host header before it, which the client chooses (`localhost:1`, `:2`, ...).
        Upper case first: the database compares so, and knows “ı” as an “I”.
        """
        return str(credentials.get("username", "")).upper().lower()

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse too many failures, saying for how long. A refused try counts for nothing."""
        key = self._get_login_attempts_cache_key(request, **credentials)
        if not ratelimit.consume(request, **FAILED, key=key, dry_run=True):
            minutes = ceil(_seconds_locked(request, key) / 60)
            raise ValidationError(
                ngettext(
                    "Too many failed sign-ins. Try again in %(minutes)d minute.",
                    "Too many failed sign-ins. Try again in %(minutes)d minutes.",
                    minutes,
                )
                % {"minutes": minutes},
                code="too_many_login_attempts",
            )
        super().pre_authenticate(request, **credentials)


def _seconds_locked(request: HttpRequest, key: str) -> float:
    """Until the oldest of the failures that fill a limit is forgotten. At least one second."""
    now = clock.now().timestamp()
    waits = [1.0]
    for rate in ratelimit.get_rates(**FAILED):
        failures = cache.get(ratelimit.get_cache_key(request, **FAILED, rate=rate, key=key), [])
        counted = [at for at in failures if at > now - rate.duration]
        if len(counted) >= rate.amount:
            waits.append(min(counted) + rate.duration - now)
    return max(waits)
