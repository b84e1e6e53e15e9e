"""Who changed which commercial field, from what to what, and why, by django-simple-history."""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from o2c.core.actors import acting_username


def _current_username(instance: Any = None, **_: Any) -> str | None:
    return acting_username.get() or None


def _read_username(historical: Any) -> str | None:
    username: str | None = historical.history_user_id
    return username


def _write_username(historical: Any, user: Any) -> None:
    historical.history_user_id = user if isinstance(user, str) else user and user.get_username()


class CommercialHistory(HistoricalRecords):
    """HistoricalRecords whose user is the acting username, also for jobs that have no user row.

    Name counters, states and generated numbers in `excluded_fields`: their facts are append-only
    elsewhere (events, stock moves, ledger entries).
    """

    def __init__(self, *, excluded_fields: tuple[str, ...] = (), **kwargs: Any) -> None:
        kwargs.setdefault("history_user_id_field", models.CharField(max_length=150, null=True))
        kwargs.setdefault("history_user_getter", _read_username)
        kwargs.setdefault("history_user_setter", _write_username)
        kwargs.setdefault("get_user", _current_username)
        kwargs.setdefault(
            "history_change_reason_field", models.CharField(max_length=200, null=True)
        )
        super().__init__(excluded_fields=list(excluded_fields), **kwargs)
