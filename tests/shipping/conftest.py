import pytest


@pytest.fixture(autouse=True)
def _alone(nobody_follows: None) -> None:
    """These tests look at one stage alone."""
