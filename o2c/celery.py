"""The Celery app: it carries nudges, never facts.

Every task is an idempotent caller of one command and finds its work in the database, so a lost,
doubled or late message changes nothing. Hence no result backend, and tasks acknowledged late.
"""

import ctypes
import os
import signal
import sys

from celery import Celery
from celery.signals import beat_embedded_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2c.settings")

# Longer than the hard time limit, or the broker would hand a running task to a second worker.
VISIBILITY_TIMEOUT = 1800  # seconds
PR_SET_PDEATHSIG = 1

app = Celery("o2c")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_soft_time_limit=240,
    task_time_limit=300,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=200,
    worker_soft_shutdown_timeout=5,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a broker that is away for an hour ends no worker
    broker_transport_options={
        "visibility_timeout": VISIBILITY_TIMEOUT,
        "socket_connect_timeout": 1,
    },
    visibility_timeout=VISIBILITY_TIMEOUT,
    result_backend_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT},
)
app.autodiscover_tasks()


@beat_embedded_init.connect
@worker_process_init.connect
def die_with_the_worker(**_: object) -> None:
    """A process whose worker was killed gets no task and no signal: it must not stay."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
