"""The ASGI entry point, for hosts that speak nothing else; WSGI is several times faster here."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2c.settings")

application = get_asgi_application()
