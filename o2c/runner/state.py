"""The folder `.o2c`: data, logs, secrets, and who is running on them."""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECRET_BYTES = 32


class State:
    """The state folder of one installation; every path in it has its one name here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.postgres = folder / "postgres"
        self.valkey = folder / "valkey"
        self.logins = folder / "logins"
        self._record = folder / "running.json"
        self._lock = folder / "lock"
        self._borrowers = folder / "borrowers.lock"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.logs.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            sys.exit(
                f"Cannot write to {folder} ({error.strerror}): "
                "set O2C_STATE_DIR to a folder of your own."
            )

    @classmethod
    def from_environment(cls) -> "State":
        return cls(Path(os.environ.get("O2C_STATE_DIR") or ROOT / ".o2c").absolute())

    def secret(self, purpose: str) -> str:
        """A secret for one purpose, derived from the one that was drawn at the first start."""
        path = self.folder / "secret"
        if not path.exists():
            write_private(path, secrets.token_hex(SECRET_BYTES))
        seed = path.read_text(encoding="ascii").strip()
        return hmac.new(seed.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the folder for this process; False when another process holds it.

        The kernel frees the lock with its process, however that ends.
        """
        with self._lock.open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            self._record.unlink(missing_ok=True)  # of one that was killed
            try:
                yield True
            finally:
                self._record.unlink(missing_ok=True)

    def log(self, name: str) -> Path:
        return self.logs / f"{name.lower()}.log"

    def record(self, environment: Mapping[str, str], **facts: Any) -> None:
        """Tell other processes how to reach what runs here; only the holder may."""
        servers = {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
        write_private(self._record, json.dumps({"pid": os.getpid(), **servers, **facts}))

    def running(self, timeout: float = 0) -> dict[str, Any]:
        """What the holder recorded, waiting up to `timeout` seconds for it; {} when it has not."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                facts: dict[str, Any] = json.loads(self._record.read_text(encoding="utf-8"))
                return facts
            except (FileNotFoundError, json.JSONDecodeError):
                if time.monotonic() >= deadline:
                    return {}
                time.sleep(0.1)

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        """Use servers that another process started; it waits for us before it stops them."""
        with self._borrowers.open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH)
            yield

    def wait_for_borrowers(self) -> None:
        with self._borrowers.open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)

    def wipe(self) -> None:
        """Delete all data, after saying what; secret and logs stay."""
        kept = {"secret", "logs", "lock", "borrowers.lock"}
        doomed = sorted(path for path in self.folder.iterdir() if path.name not in kept)
        for path in doomed:
            print(f"  deleting        {path} ({megabytes(path)} MB)", flush=True)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        if not doomed:
            print(f"  nothing to delete in {self.folder}", flush=True)


def megabytes(path: Path) -> str:
    files = path.rglob("*") if path.is_dir() else [path]
    return f"{sum(file.lstat().st_size for file in files) / 1e6:.1f}"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    draft.replace(path)
