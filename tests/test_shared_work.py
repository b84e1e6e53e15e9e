"""What is costly to make is made once: the tests that share it run on one worker."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import ONE_WORKER_EACH, FilesTogether, pytest_xdist_make_scheduler

ROOT = Path(__file__).resolve().parents[1]


def share_of(nodeid):
    """What is handed to a worker as a whole with this test."""
    return FilesTogether._split_scope(object.__new__(FilesTogether), nodeid)


@pytest.mark.parametrize("path", ONE_WORKER_EACH)
def test_a_file_that_shares_is_handed_out_as_a_whole(path):
    assert (ROOT / path).exists()
    assert share_of(f"{path}::test_one") == share_of(f"{path}::TestTwo::test_two[at::home]")


def test_other_tests_go_wherever_there_is_a_hand_free():
    one, two = ("tests/orders/test_totals.py::test_one", "tests/orders/test_totals.py::test_two")

    assert share_of(one) != share_of(two)


def test_another_way_of_sharing_is_left_alone():
    config = SimpleNamespace(getvalue=lambda name: "worksteal")

    assert pytest_xdist_make_scheduler(config, None) is None
