import pytest

from o2c.core import events


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command is tested by itself: what `o2c.flow` makes of its events is the story's to tell."""
    monkeypatch.setattr(events, "_after", {})
    monkeypatch.setattr(events, "_before_commit", {})
