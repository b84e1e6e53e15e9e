"""Detail pages and verbs: what is offered, what is blocked and why, and what a POST does."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from o2c.core.actors import SYSTEM
from o2c.core.models import Attachment, Event
from o2c.core.roles import sync_roles
from o2c.web import ChainNode, chain_node
from o2c.web.actions import next_offer
from tests.conftest import with_rights
from tests.sample.models import Parcel
from tests.web.web_pages import readdress, send, wrap
from tests.web_budget import assert_detail_budget

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.web_pages")]


@pytest.fixture
def parcel():
    return wrap("Rome", Decimal(10), actor=SYSTEM)


def page_of(client, parcel, **query):
    response = client.get(parcel.get_absolute_url(), query)
    assert response.status_code == 200
    return response


class TestOffers:
    def test_the_first_open_verb_is_the_next_action(self, boss, parcel):
        context = page_of(boss, parcel).context

        assert context["next"].verb == "send"
        assert [offer.verb for offer in context["offers"]] == [
            "send",
            "readdress",
            "insure",
            "lose",
        ]

    def test_a_blocked_verb_names_every_reason(self, boss):
        empty = wrap("", Decimal(0), actor=SYSTEM)

        response = page_of(boss, empty)

        page = response.content.decode()
        assert response.context["next"].is_blocked
        assert "The parcel has no address." in page
        assert "The parcel is empty." in page
        assert 'aria-disabled="true"' in page

    def test_a_minor_or_dangerous_verb_is_never_the_next_action(self, boss, parcel):
        shown = page_of(boss, parcel).context["offers"]

        assert {offer.verb for offer in shown if offer.minor} == {"readdress", "insure"}
        assert next_offer([offer for offer in shown if offer.minor]) is None
        assert next_offer([offer for offer in shown if offer.danger]) is None
        assert next_offer([*reversed(shown)]).verb == "send"

    def test_verbs_that_do_not_leave_the_state_are_not_shown(self, boss, parcel):
        send(parcel.pk, actor=SYSTEM)

        assert [offer.verb for offer in page_of(boss, parcel).context["offers"]] == ["lose"]

    def test_a_reader_without_rights_sees_who_is_waited_for_and_no_button(self, parcel):
        sync_roles({"sample sender": ["sample.send_parcel"]})
        reader = with_rights("sample.view_sample")

        response = page_of(reader, parcel)

        assert response.context["offers"] == []
        assert "Next: Send (Sample sender)" in response.content.decode()


class TestVerbs:
    def test_a_verb_whose_own_condition_fails_is_refused_before_its_form(self, boss, parcel):
        response = boss.get(f"{parcel.get_absolute_url()}insure/")

        assert response.status_code == 409
        assert "It is worth less than the insurance." in response.content.decode()
        assert response.context["form"] is None

    def test_a_page_is_not_posted_to(self, boss, parcel):
        assert boss.post(parcel.get_absolute_url()).status_code == 405

    def test_a_plain_post_does_it_and_leads_back(self, boss, parcel):
        response = boss.post(f"{parcel.get_absolute_url()}send/", follow=True)

        parcel.refresh_from_db()
        assert parcel.state == "sent"
        assert response.redirect_chain == [(parcel.get_absolute_url(), 303)]
        assert "PA-" in response.content.decode()
        assert "It is now “Sent”" in response.content.decode()
        assert Event.objects.get(name="parcel.sent").actor == "boss"

    def test_get_asks_and_changes_nothing(self, boss, parcel):
        response = boss.get(f"{parcel.get_absolute_url()}lose/")

        assert "gone for good" in response.content.decode()
        assert Parcel.objects.get().state == "draft"

    def test_arguments_reach_the_command(self, boss, parcel):
        boss.post(f"{parcel.get_absolute_url()}lose/", {"reason": "rain"})

        assert Event.objects.get(name="parcel.lost").facts == {"reason": "rain"}

    def test_a_form_opened_on_an_older_version_is_refused(self, boss, parcel):
        boss.post(f"{parcel.get_absolute_url()}readdress/", {"address": "Oslo", "version": 1})

        response = boss.post(
            f"{parcel.get_absolute_url()}readdress/", {"address": "Bern", "version": 1}
        )

        assert response.status_code == 409
        assert "changed by somebody else" in response.content.decode()
        assert Parcel.objects.get().address == "Oslo"

    def test_the_same_operation_twice_acts_once(self, boss, parcel):
        asked = {"address": "Oslo", "version": 1, "op_id": "op-1"}

        for _ in range(2):
            assert boss.post(f"{parcel.get_absolute_url()}readdress/", asked).status_code == 303

        assert Event.objects.filter(name="parcel.amended").count() == 1

    def test_a_blocked_verb_shows_its_reasons_on_the_document(self, boss):
        empty = wrap("", Decimal(0), actor=SYSTEM)

        response = boss.post(f"{empty.get_absolute_url()}send/")

        page = response.content.decode()
        assert response.status_code == 409
        assert "This was not done" in page
        assert "The parcel is empty." in page
        assert "Timeline" in page

    def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(self, boss, parcel):
        response = boss.post(f"{parcel.get_absolute_url()}readdress/", {"address": "Atlantis"})

        page = response.content.decode()
        assert response.status_code == 422
        assert page.count("Nobody delivers to Atlantis.") == 2
        assert 'value="Atlantis"' in page
        assert "<title>Error:" in page

    def test_an_empty_form_is_refused_with_a_summary(self, boss, parcel):
        response = boss.post(f"{parcel.get_absolute_url()}lose/", {"reason": "  \u200b "})

        assert response.status_code == 422
        assert "There is a problem" in response.content.decode()

    def test_without_the_right_a_verb_is_forbidden(self, parcel):
        reader = with_rights("sample.view_sample")

        asked = reader.get(f"{parcel.get_absolute_url()}send/")
        done = reader.post(f"{parcel.get_absolute_url()}send/")

        assert (asked.status_code, done.status_code) == (403, 403)
        assert Parcel.objects.get().state == "draft"

    @pytest.mark.parametrize("path", ["/parcels/{pk}/fly/", "/parcels/99999/send/"])
    def test_an_unknown_verb_or_document_is_not_found(self, boss, parcel, path):
        assert boss.post(path.format(pk=parcel.pk)).status_code == 404

    def test_only_get_and_post_are_answered(self, boss, parcel):
        response = boss.put(f"{parcel.get_absolute_url()}send/")

        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD, POST"

    def test_the_number_out_of_range_is_not_found(self, boss):
        assert boss.get(f"/parcels/{10**30}/").status_code == 404


class TestTabs:
    def test_the_timeline_tells_old_and_new(self, boss, parcel):
        readdress(parcel.pk, address="Oslo", version=parcel.version, actor=SYSTEM)

        page = page_of(boss, parcel, tab="timeline").content.decode()

        assert "<del>Rome</del> → <ins>Oslo</ins>" in page
        assert "Amended" in page

    def test_the_audit_names_field_old_new_and_who(self, boss, parcel):
        boss.post(f"{parcel.get_absolute_url()}readdress/", {"address": "Oslo"})

        page = page_of(boss, parcel, tab="audit").content.decode()

        assert "Address: <del>Rome</del> → <ins>Oslo</ins>" in page
        assert "boss" in page

    def test_the_chain_stacks_neighbours_of_one_kind(self, boss, parcel, monkeypatch):
        other = wrap("Oslo", Decimal(1), actor=SYSTEM)

        def stops(document):
            return [
                chain_node(other, "Parcel"),
                chain_node(document, "Parcel", current=True, status="current"),
                ChainNode("Invoice", status="planned"),
            ]

        monkeypatch.setattr(
            "o2c.web.chain._providers",
            [(stops, lambda document: None)],
        )

        response = page_of(boss, parcel)

        assert [len(stack) for stack in response.context["chain"]] == [2, 1]
        assert '<b aria-current="step">' in response.content.decode()

    def test_a_detail_page_keeps_its_budget(self, boss, parcel):
        assert_detail_budget(boss, parcel.get_absolute_url())


class TestFiles:
    def upload(self, client, parcel, name="note.txt", data=b"hello"):
        file = SimpleUploadedFile(name, data)
        return client.post(f"/files/sample/parcel/{parcel.pk}/", {"file": file}, follow=True)

    def test_a_file_is_kept_and_comes_back(self, boss, parcel):
        self.upload(boss, parcel, "../offer 1.txt")

        attachment = Attachment.objects.get()
        response = boss.get(f"/files/{attachment.pk}/")
        assert response.content == b"hello"
        assert response["Content-Disposition"] == 'attachment; filename="offer 1.txt"'
        assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert attachment.created_by == "boss"

    def test_a_file_that_is_refused_is_answered_on_the_page(self, boss, parcel):
        response = self.upload(boss, parcel, "page.html", b"<script>")

        assert response.status_code == 422
        assert "files of this kind are not taken" in response.content.decode()

    def test_the_form_without_a_file_or_a_key_keeps_nothing(self, boss, parcel):
        page = f"/files/sample/parcel/{parcel.pk}/"

        missing = boss.post(page)
        keyless = boss.post(page, {"file": SimpleUploadedFile("a.txt", b"x"), "op_id": ""})

        assert (missing.status_code, keyless.status_code) == (422, 422)
        assert "Choose a file first." in missing.content.decode()
        assert "without its operation key" in keyless.content.decode()
        assert not Attachment.objects.exists()

    def test_who_was_refused_asks_again_on_the_page_of_the_verb(self, boss, visitor, parcel):
        page = f"/files/sample/parcel/{parcel.pk}/"

        assert 'type="file"' in boss.get(page).content.decode()
        assert visitor.get(page).status_code == 403

    def test_files_follow_the_rights_of_their_document(self, boss, visitor, parcel):
        self.upload(boss, parcel)
        attachment = Attachment.objects.get()

        assert visitor.get(f"/files/{attachment.pk}/").status_code == 403
        assert self.upload(visitor, parcel).status_code == 403

    def test_no_other_table_takes_files(self, boss):
        file = SimpleUploadedFile("a.txt", b"x")

        assert boss.post("/files/core/user/1/", {"file": file}).status_code == 404
