"""Thin Celery callers. Safe to run twice, at once, or late: the rows decide."""

from typing import Any

from celery import shared_task

from o2c.core.mail import send_due_messages


@shared_task
def send_due_mail(*, limit: int = 200, **_: Any) -> int:
    """Every minute: send what is queued and due, take up what a crash left behind."""
    return send_due_messages(limit=limit)
