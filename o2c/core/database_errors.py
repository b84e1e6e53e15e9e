"""What went wrong between us and the database, as far as it matters who asks."""

from django.db import InterfaceError, OperationalError

#: SQLSTATEs that speak of the connection: lost, server stopping, starting, or full.
CONNECTION_LOST = ("08", "57P01", "57P02", "57P03", "53300")


def is_database_away(error: BaseException | None) -> bool:
    """Whether the connection failed, and not a statement: nothing is wrong with what was asked."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(CONNECTION_LOST)
