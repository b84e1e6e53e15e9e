"""Two sets of web and worker processes, as two machines would run them, on one database."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from signal import SIGKILL

from django.conf import settings

from o2c.core.pdf_support import write_font_configuration
from o2c.rehearsal.failover.servers import DrillFailed, wait_for
from o2c.runner.processes import Child, prepare_child, stop
from o2c.runner.servers import free_port

MANAGE = Path(settings.BASE_DIR) / "manage.py"
STOP_TIMEOUT = 8.0  # seconds
READY_TIMEOUT = 120.0  # seconds
MAX_LAG_S = 10  # of the standby, before the primary is read


class Machine:
    """One set: a web server of 4 threads, and a worker with the schedule."""

    def __init__(self, name: str, product: "Product", stack: ExitStack) -> None:
        self.name = name
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        web: list[object] = [sys.executable, "-m", "gunicorn", "o2c.wsgi"]
        web += ["--bind", f"127.0.0.1:{port}", "--worker-class=gthread", "--workers=1"]
        web += ["--threads=4", "--no-control-socket", "--graceful-timeout=5"]
        worker: list[object] = [sys.executable, "-m", "celery", "--app=o2c", "--quiet", "worker"]
        worker += ["--loglevel=INFO", "--concurrency=1", f"--hostname={name}@drill"]
        worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        worker += ["--beat", "--schedule", product.folder / f"beat-{name}"]
        environment = product.environment
        self._children = [
            Child(f"web {name}", web, product.logs / f"web-{name}.log", environment),
            Child(
                f"worker {name}",
                worker,
                product.logs / f"worker-{name}.log",
                environment | {"REMAP_SIGTERM": "SIGQUIT"},
            ),
        ]
        stack.callback(stop, self._children, STOP_TIMEOUT)

    def kill(self) -> None:
        """End web and worker by force."""
        for child in self._children:
            child.send(SIGKILL, to_group=True)
            child.process.wait()

    def start_again(self) -> None:
        for child in self._children:
            child.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        wait_for(self._is_ready, f"the web server {self.name}", READY_TIMEOUT)

    def _is_ready(self) -> bool:
        for child in self._children:
            if not child.alive():
                raise DrillFailed(child.explain_death())
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:
                return bool(json.load(answer)["status"] == "ready")
        except (OSError, urllib.error.HTTPError):
            return False


class Product:
    """What every process of the drill is told, and the commands that are run there."""

    def __init__(self, folder: Path, logs: Path, database_url: str, redis_url: str) -> None:
        self.folder = folder
        self.logs = logs
        inherited = {name: value for name, value in os.environ.items() if name not in _HIDDEN}
        self.environment = inherited | {
            "DATABASE_URL": database_url,
            "STANDBY_URL": database_url,
            "STANDBY_MAX_LAG": str(MAX_LAG_S),
            "REDIS_URL": redis_url,
            "SECRET_KEY": token_hex(32),
            "ALLOWED_HOSTS": "127.0.0.1",
            "O2C_STATE_DIR": str(folder),
            "O2C_TESTING": "1",  # static files as they lie: nobody looks at these pages
            "FONTCONFIG_FILE": str(write_font_configuration(folder)),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(folder),  # who is killed tidies nothing up
        }

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end; its exit code is for the caller to judge."""
        return subprocess.run(
            [sys.executable, MANAGE, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            preexec_fn=prepare_child(SIGKILL),
        )

    def prepare(self) -> None:
        """Tables, and the demo company, whose people the load signs in as."""
        for arguments in (["migrate", "--verbosity=0", "--no-input"], ["demo"]):
            done = self.manage(*arguments)
            if done.returncode != 0:
                raise DrillFailed(f"{arguments[0]}: {done.stderr.strip()[-2000:]}")


#: What leads to other servers, or makes the processes something other than a production.
_HIDDEN = {"DATABASE_URL", "DATABASE_NAME", "STANDBY_URL", "REDIS_URL", "SECURE_COOKIES", "DEBUG"}
_HIDDEN |= {"DJANGO_SETTINGS_MODULE", "STATIC_ROOT", "DATABASE_POOL"}
