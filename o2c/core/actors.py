"""Who acts: a signed-in user, or the system under the name of its job."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from o2c.core.errors import not_permitted


class Actor(Protocol):
    """What is asked of whoever acts. Django's User fits as it is."""

    def get_username(self) -> str: ...

    def has_perm(self, perm: str, obj: Any = None) -> bool: ...


@dataclass(frozen=True)
class SystemActor:
    """The product itself, at work for `job`. It may do everything; history shows its name."""

    job: str = ""

    def get_username(self) -> str:
        return f"system:{self.job}" if self.job else "system"

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return True


SYSTEM = SystemActor()

#: The username whose command is running; read by the history, set by @command only.
acting_username: ContextVar[str] = ContextVar("acting_username", default="")


def require(actor: Actor, permission: str) -> None:
    """Raise NotPermitted unless actor holds permission (`app.verb_noun`)."""
    if not actor.has_perm(permission):
        raise not_permitted(actor.get_username(), permission)
