"""A document of nobody's, and a mail server that says what a test wants to hear."""

from typing import Any

import pytest
from django.core import mail as django_mail

from tests.sample.models import Parcel


@pytest.fixture
def parcel(db: None) -> Parcel:
    """What messages and files are about."""
    return Parcel.objects.create(address="Rome", value=1)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the mail server answer with the errors given, one per attempt, then accept."""

    def answers(*errors: Exception | None) -> list[Any]:
        left = list(errors)
        sent: list[Any] = []

        def send(self: Any, fail_silently: bool = False) -> int:
            if left and (error := left.pop(0)) is not None:
                raise error
            sent.append(self)
            return 1

        monkeypatch.setattr(django_mail.EmailMessage, "send", send)
        return sent

    return answers
