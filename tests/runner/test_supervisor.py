"""The supervisor: which signals it answers, and what it keeps from the terminal."""

import signal
import sys
from collections.abc import Iterator

import pytest

from o2c.runner import supervisor


@pytest.fixture
def restored_signals() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_closed_terminal_ends_it_in_good_order(restored_signals):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    supervisor.take_signals_for_ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGHUP)


def test_nohup_outlives_the_terminal(restored_signals):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    supervisor.take_signals_for_ctrl_c()
    signal.raise_signal(signal.SIGHUP)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


def test_the_last_words_need_no_listener(monkeypatch):
    """Else the children would be left to be killed instead of being stopped."""

    class ClosedTerminal:
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

        flush = write

    monkeypatch.setattr(sys, "stdout", ClosedTerminal())
    supervisor.say("Stopping.")
