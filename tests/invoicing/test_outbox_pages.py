"""The outbox: what was mailed, what waits, what is stuck."""

import pytest
from django.urls import reverse

from o2c.core import mail
from o2c.core.actors import SYSTEM
from o2c.core.models import OutgoingMessage
from tests.given.invoicing import posted_invoice
from tests.web_budget import assert_list_budget

pytestmark = pytest.mark.django_db


class TestTheOutbox:
    def message(self, **more) -> OutgoingMessage:
        return mail.queue_message(
            posted_invoice(),
            dedup_key="x",
            to=["a@example.com"],
            subject="Your <b>bill</b>",
            body="Dear customer",
            actor=SYSTEM,
            **more,
        )

    def stuck(self) -> OutgoingMessage:
        message = self.message()
        mail.give_up_message(message.pk, failure="550 unknown", actor=SYSTEM)
        return message

    def test_it_lists_and_shows_messages(self, bilal):
        message = self.message()

        listing = bilal.get(reverse("invoicing:message_list"), {"tab": "waiting"})
        page = bilal.get(reverse("invoicing:message_detail", args=[message.pk]))

        assert "&lt;b&gt;bill" in listing.content.decode()
        assert "Dear customer" in page.content.decode()
        assert "<b>bill" not in page.content.decode()

    @pytest.mark.parametrize(("verb", "state"), [("resend", "queued"), ("confirm", "sent")])
    def test_a_stuck_message_is_sent_again_or_settled(self, bilal, verb, state):
        message = self.stuck()
        page = bilal.get(reverse("invoicing:message_detail", args=[message.pk]))
        assert "550 unknown" in page.content.decode()

        bilal.post(reverse("invoicing:message_act", args=[message.pk, verb]))

        message.refresh_from_db()
        assert message.state == state

    def test_a_message_on_its_way_is_left_alone(self, bilal):
        message = self.message()

        response = bilal.post(reverse("invoicing:message_act", args=[message.pk, "resend"]))

        assert response.status_code == 409
        assert "It is queued." in response.content.decode()

    def test_unknown_messages_and_verbs_are_not_found(self, bilal):
        message = self.message()

        for pk, verb in ((message.pk, "burn"), (999_999, "resend")):
            url = reverse("invoicing:message_act", args=[pk, verb])
            assert bilal.post(url).status_code == 404
        assert bilal.get("/invoicing/outbox/999999/").status_code == 404

    def test_without_the_right_it_is_closed(self, pablo):
        message = self.stuck()

        assert pablo.get(reverse("invoicing:message_list")).status_code == 403
        assert (
            pablo.post(reverse("invoicing:message_act", args=[message.pk, "resend"])).status_code
            == 403
        )


def test_the_outbox_keeps_its_budget(bilal):
    invoice = posted_invoice()

    def messages(count):
        known = OutgoingMessage.objects.count()
        for nr in range(known, known + count):
            mail.queue_message(
                invoice, dedup_key=f"{nr}", to=["a@b.example"], subject="s", body="b", actor=SYSTEM
            )

    assert_list_budget(bilal, reverse("invoicing:message_list") + "?tab=all", messages)
