"""Where the files written by others lie: beside the repository, never in it."""

import os
from pathlib import Path

import pytest

SHARED = Path(
    os.environ.get(
        "O2C_SHARED_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    )
)


def shared_file(*parts: str) -> Path:
    """The path of a shared data file. Skips the test where it is absent; fails it in CI."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{path} must be there in CI")
        pytest.skip(f"shared data is not here: {path}")
    return path
