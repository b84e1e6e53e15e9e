"""The people of the stories, and what must be true when each has been told."""

from typing import Any

import pytest

from o2c.core.verify import run_all


@pytest.fixture
def people(
    clerk: Any, credit_manager: Any, picker: Any, shipper: Any, biller: Any, cashier: Any,
    collector: Any, controller: Any,
) -> dict[str, Any]:  # fmt: skip
    """Everybody with a part, by the name they sign in with."""
    everybody = (
        clerk, credit_manager, picker, shipper, biller, cashier, collector, controller,
    )  # fmt: skip
    return {person.username: person for person in everybody}


@pytest.fixture
def books_agree(check_deferred: Any) -> Any:
    """Nothing contradicts anything: every invariant of the house holds."""

    def check() -> None:
        check_deferred()
        broken = [
            sentence for found in run_all() if not found.holds for sentence in found.sentences()
        ]
        assert broken == []

    return check
