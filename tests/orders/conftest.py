import pytest

from o2c.core import events


@pytest.fixture(autouse=True)
def _nobody_follows(monkeypatch):
    """These tests look at one stage alone; what follows it is the flow's."""
    monkeypatch.setattr(events, "_after", {})
    monkeypatch.setattr(events, "_before_commit", {})
