from django.apps import AppConfig


class RehearsalConfig(AppConfig):
    """An app for its commands `demo` and `replay`."""

    name = "o2c.rehearsal"
    label = "rehearsal"
