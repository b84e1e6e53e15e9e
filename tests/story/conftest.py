"""The people of the stories."""

from typing import Any

import pytest


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
