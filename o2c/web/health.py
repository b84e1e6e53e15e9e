"""Two pages for machines: is the process alive, and can it serve? Both answer without a login."""

import shutil
import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from o2c.core.doorbell import ask_broker
from o2c.core.pdf_support import pdf_problem

__all__ = ["pdf_problem", "urlpatterns"]

SLOW_DATABASE = 0.5  # seconds
LOW_DISK = 0.1  # of the whole


@never_cache
@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nobody else, so that a slow database restarts no web server."""
    return JsonResponse({"status": "ok", "pdf": pdf_problem() or "ok"})


@never_cache
@require_safe
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when pages can be served, else 503. Broker and disk only warn."""
    database = outcome(check_database)
    migrations = outcome(check_migrations) if database == "ok" else "unknown"
    ready = database == "ok" and migrations == "ok"
    return JsonResponse(
        {
            "status": "ready" if ready else "not ready",
            "database": database,
            "migrations": migrations,
            "broker": outcome(check_broker),
            "disk": outcome(check_disk),
        },
        status=200 if ready else 503,
    )


def outcome(check: Callable[[], str]) -> str:
    """What a check says; its exception in place of that, without addresses or passwords."""
    try:
        return check()
    except (Error, redis.RedisError, OSError, ValueError) as error:  # a URL that is none, too
        return f"fails: {type(error).__name__}"


def check_database() -> str:
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only')")
        (read_only,) = cursor.fetchone()
    if read_only == "on":
        return "fails: read only"
    return "ok" if time.monotonic() - started <= SLOW_DATABASE else "fails: slow"


def check_migrations() -> str:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"fails: {len(pending)} not applied" if pending else "ok"


def check_broker() -> str:
    ask_broker()
    return "ok"


def check_disk() -> str:
    usage = shutil.disk_usage(settings.BASE_DIR)
    return "ok" if usage.free / usage.total > LOW_DISK else "warns: nearly full"


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
