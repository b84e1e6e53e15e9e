"""The product's settings plus what only tests need."""

import os
import tempfile

os.environ.setdefault("O2C_TESTING", "1")
os.environ.setdefault("O2C_STATE_DIR", tempfile.mkdtemp(prefix="o2c-test-"))

from o2c.settings import *  # noqa: F403
from o2c.settings import DATABASES, INSTALLED_APPS

SECRET_KEY = "test-only-" + "x" * 50
INSTALLED_APPS = [*INSTALLED_APPS, "tests.sample"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = False
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}  # of each worker
DATABASES["default"]["OPTIONS"].pop("pool", None)  # type: ignore[attr-defined]  # threads of races open their own
