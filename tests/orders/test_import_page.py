import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from orders.models import Order

pytestmark = pytest.mark.django_db


class TestImport:
    def sent(self, clara, text, headers=None, **more):
        upload = SimpleUploadedFile("orders.csv", text.encode())
        return clara.post("/orders/import/", {"file": upload, **more}, headers=headers)

    def test_the_page_documents_its_columns(self, clara, customer):
        page = clara.get("/orders/import/").content.decode()

        assert "<code>customer_reference</code>" in page

    def test_a_check_stores_nothing_and_the_import_does(self, clara, customer):
        text = "order;customer;item;quantity\nA;ACME;BOLT;3\n"

        checked = self.sent(clara, text, dry_run="on")
        assert checked.status_code == 200
        assert not Order.objects.exists()
        self.sent(clara, text)

        assert Order.objects.get().source_reference == "A"

    def test_a_refused_file_names_its_rows(self, clara, customer):
        response = self.sent(clara, "order;customer;item;quantity\nA;ACME;NO-SUCH;x\n")

        assert response.status_code == 422
        page = response.content.decode()
        assert "This is not a plain number" in page
        assert "Item “NO-SUCH” is unknown or no longer sold." in page

    def test_a_file_stays_in_its_box_until_it_is_stored(self, clara, customer):
        good, bad = (f"order;customer;item;quantity\nA;ACME;BOLT;{q}\n" for q in ("3", "x"))
        quick = {"headers": {"HX-Request": "true"}}

        def boxes(text, **more):
            page = self.sent(clara, text, **more).content.decode()
            return "<html" in page, 'hx-preserve="true"' in page

        assert boxes(good, dry_run="on", **quick) == (False, True)
        assert boxes(bad, **quick) == (False, True)
        assert boxes(good, **quick) == (False, False)
        without = clara.post("/orders/import/", {"dry_run": "on"}, **quick)
        assert 'hx-preserve="true"' not in without.content.decode()  # there is nothing to keep

    @pytest.mark.parametrize(("quick", "words"), [("true", "press “"), ("", "choose it once more")])
    def test_after_a_check_it_says_how_to_go_on(self, clara, customer, quick, words):
        text = "order;customer;item;quantity\nA;ACME;BOLT;3\n"

        page = self.sent(clara, text, dry_run="on", headers={"HX-Request": quick})

        assert words in page.content.decode()

    def test_a_form_sent_twice_says_both_times_what_came_of_it(self, clara, customer):
        text = "order;customer;item;quantity\nA;ACME;BOLT;3\n"

        first, second = (self.sent(clara, text, op_id="op-1") for _time in range(2))

        assert first.context["result"].created == 1
        assert second.context["result"].skipped == 1
