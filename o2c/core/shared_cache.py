"""One cache for all processes, in the broker. While that is away each process keeps its own."""

import logging
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger(__name__)


class SharedCache(RedisCache):
    """Redis' cache, except that losing the broker stops nobody: what it counted starts anew here.

    It holds what may be lost, such as how often somebody failed to sign in.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, dict(params))
        self._alone = LocMemCache("alone", {**params, "OPTIONS": {}})

    def _either(self, name: str, *arguments: Any, **named: Any) -> Any:
        shared: Callable[..., Any] = getattr(super(), name)
        try:
            return shared(*arguments, **named)
        except redis.RedisError as error:
            log.warning("The shared cache does not answer (%s).", type(error).__name__)
            return getattr(self._alone, name)(*arguments, **named)

    def add(self, *arguments: Any, **named: Any) -> Any:
        return self._either("add", *arguments, **named)

    def get(self, *arguments: Any, **named: Any) -> Any:
        return self._either("get", *arguments, **named)

    def set(self, *arguments: Any, **named: Any) -> Any:
        return self._either("set", *arguments, **named)

    def touch(self, *arguments: Any, **named: Any) -> Any:
        return self._either("touch", *arguments, **named)

    def delete(self, *arguments: Any, **named: Any) -> Any:
        return self._either("delete", *arguments, **named)

    def incr(self, *arguments: Any, **named: Any) -> Any:
        return self._either("incr", *arguments, **named)

    def has_key(self, *arguments: Any, **named: Any) -> Any:
        return self._either("has_key", *arguments, **named)
