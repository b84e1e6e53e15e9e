"""A form sent twice acts once and is answered once; other content under its key is refused."""

import pytest
from django.test import Client
from django.urls import reverse

from o2c.core.actors import SYSTEM
from o2c.core.models import IdempotencyKey, User
from o2c.masters.models import Customer
from tests.factories.masters import CustomerFactory
from tests.sample.models import Parcel
from tests.web.web_pages import wrap

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.web_pages")]

PARCEL = {"address": "Rome", "value": "5"}


def answer(response) -> tuple[int, str]:
    return response.status_code, response.headers.get("Location", "")


def typed_in(form) -> dict[str, str]:
    """What stands in a form, as a browser would send it."""
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False, "")}


class TestANewThing:
    def test_the_second_sending_is_led_where_the_first_was(self, boss):
        sent = {**PARCEL, "op_id": "k1"}

        first, second = (boss.post("/parcels/new/", sent) for _time in "12")

        assert answer(first) == answer(second) == (303, Parcel.objects.get().get_absolute_url())
        assert "sent twice and done once" in boss.get(second.headers["Location"]).content.decode()

    @pytest.mark.parametrize("change", [{"address": "Oslo"}, {"value": "6"}, {"more": "x"}])
    def test_other_content_is_refused_and_stays_on_the_page(self, boss, change):
        boss.post("/parcels/new/", {**PARCEL, "op_id": "k1"})

        other = boss.post("/parcels/new/", {**PARCEL, **change, "op_id": "k1"})

        assert other.status_code == 422
        assert "already sent with other content" in other.content.decode()
        assert Parcel.objects.count() == 1

    def test_without_a_key_nothing_is_done(self):
        bare = Client()
        bare.force_login(User.objects.create_superuser("rita"))

        for key in ("", "x" * 101):
            refused = bare.post("/parcels/new/", {**PARCEL, "op_id": key})
            assert refused.status_code == 422
            assert "without its operation key" in refused.content.decode()

        assert not Parcel.objects.exists()

    def test_what_was_refused_can_be_sent_again_under_its_key(self, boss):
        assert boss.post("/parcels/new/", {"address": "", "op_id": "k1"}).status_code == 422

        assert boss.post("/parcels/new/", {**PARCEL, "op_id": "k1"}).status_code == 303

    def test_somebody_elses_key_is_not_ones_own(self, boss, client):
        boss.post("/parcels/new/", {**PARCEL, "op_id": "k1"})
        client.force_login(User.objects.create_superuser("sam"))

        assert client.post("/parcels/new/", {**PARCEL, "op_id": "k1"}).status_code == 422


class TestAVerb:
    def test_it_answers_again_when_it_is_possible_no_more(self, boss):
        parcel = wrap("Rome", 5, actor=SYSTEM)
        url = f"/parcels/{parcel.pk}/send/"

        first, second = (boss.post(url, {"op_id": "k1"}) for _time in "12")

        assert answer(first) == answer(second) == (303, parcel.get_absolute_url())
        assert boss.post(url).status_code == 409

    def test_a_stale_version_under_a_used_key_is_other_content(self, boss):
        parcel = wrap("Rome", 5, actor=SYSTEM)
        url = f"/parcels/{parcel.pk}/readdress/"
        boss.post(url, {"address": "Oslo", "version": "1", "op_id": "k1"})

        again = boss.post(url, {"address": "Oslo", "version": "1", "op_id": "k1"})
        stale = boss.post(url, {"address": "Oslo", "version": "2", "op_id": "k1"})

        assert (again.status_code, stale.status_code) == (303, 422)

    def test_a_first_that_died_before_its_answer_leads_to_what_it_made(self, boss, monkeypatch):
        monkeypatch.setattr("o2c.web.once._PATIENCE_S", 0)
        boss.post("/parcels/new/", {**PARCEL, "op_id": "k1"})
        IdempotencyKey.objects.update(answer="")

        again = boss.post("/parcels/new/", {**PARCEL, "op_id": "k1"})

        assert answer(again) == (303, Parcel.objects.get().get_absolute_url())


class TestMasters:
    def test_a_second_customer_under_the_key_of_the_first_is_refused(self, boss):
        # what a customer needs stands in the form of one that is there
        known = CustomerFactory(code="C-1")
        page = boss.get(reverse("masters:customer_edit", args=[known.pk]))
        typed = typed_in(page.context["form"])
        new = reverse("masters:customer_new")

        first = boss.post(new, {**typed, "code": "C-2", "name": "Second", "op_id": "k1"})
        again = boss.post(new, {**typed, "code": "C-2", "name": "Second", "op_id": "k1"})
        other = boss.post(new, {**typed, "code": "C-3", "name": "Third", "op_id": "k1"})

        assert (first.status_code, other.status_code) == (303, 422)
        assert answer(again) == answer(first)
        assert "already sent with other content" in other.content.decode()
        assert list(Customer.objects.order_by("code").values_list("code", flat=True)) == [
            "C-1",
            "C-2",
        ]

    def test_an_edit_under_a_used_key_is_never_said_to_be_saved(self, boss):
        known = CustomerFactory(code="C-1")
        url = reverse("masters:customer_edit", args=[known.pk])
        typed = typed_in(boss.get(url).context["form"])

        boss.post(url, {**typed, "name": "One", "op_id": "k1"})
        swallowed = boss.post(url, {**typed, "name": "Two", "op_id": "k1"})
        stale = boss.post(url, {**typed, "name": "One", "version": "9", "op_id": "k1"})

        assert (swallowed.status_code, stale.status_code) == (422, 422)
        assert Customer.objects.get().name == "One"
