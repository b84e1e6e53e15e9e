"""Migration 0003: messages that were under way before sending became a delivery go on."""

from importlib import import_module

import pytest
from django.db import connection

from o2c.core.models import OutgoingMessage
from tests.given.mail import send_due
from tests.proof import assert_books_agree

pytestmark = pytest.mark.django_db

migration = import_module("o2c.core.migrations.0003_messages_by_delivery")
#: what stood in the outbox (state, at most once, attempts), and what becomes of it
OUTBOX = {
    "waits": ("queued", False, 0, "sent"),
    "reminder waits": ("queued", True, 0, "sent"),
    "sender died": ("sending", False, 6, "sent"),
    "reminder’s sender died": ("sending", True, 1, "uncertain"),
    "left": ("sent", False, 1, "sent"),
    "refused": ("failed", False, 6, "failed"),
    "unclear": ("uncertain", True, 1, "uncertain"),
}


@pytest.fixture
def old_outbox(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE core_outgoingmessage "
            "ADD next_attempt_at timestamptz NOT NULL DEFAULT now() - interval '1 minute'"
        )
        for key, (state, once, attempts, _end) in OUTBOX.items():
            cursor.execute(
                'INSERT INTO core_outgoingmessage (dedup_key, document_type, document_id, "to", '
                "subject, body, state, version, attempts, failure, at_most_once, created_at, "
                "created_by, sent_at) VALUES (%s, 'sample.parcel', 1, 'a@b.example', 's', 'b', "
                "%s, 1, %s, '', %s, now(), 'rita', CASE WHEN %s = 'sent' THEN now() END)",
                [key, state, attempts, once, state],
            )


def test_what_was_under_way_is_sent_or_left_to_a_person(old_outbox, mailoutbox):
    with connection.cursor() as cursor:
        cursor.execute(migration._BEGINNINGS)
        cursor.execute(migration._UNDERWAY)

    assert send_due() == 3

    ends = dict(OutgoingMessage.objects.values_list("dedup_key", "state"))
    assert ends == {key: end for key, (*_before, end) in OUTBOX.items()}
    assert len(mailoutbox) == 3
    assert_books_agree()
