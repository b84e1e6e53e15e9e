"""Working in the browser: keys, themes, quick pages, forms sent once; and without scripts."""

from decimal import Decimal

import pytest

from o2c.core.models import Event
from tests.factories.masters import CustomerFactory
from tests.sample.models import Parcel
from tests.web.web_pages import wrap

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.web.web_pages"),
]


@pytest.fixture
def parcels(rita):
    return [wrap(f"Rome {n}", Decimal(10), actor=rita) for n in range(5)]


class TestKeys:
    def test_j_k_and_enter_walk_the_rows(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit("/parcels/")

        for key in "jjk":
            page.keyboard.press(key)
        page.keyboard.press("Enter")

        page.wait_for_url(f"**{parcels[-1].get_absolute_url()}")

    def test_slash_goes_to_the_search_where_letters_are_letters(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit("/parcels/")

        page.keyboard.press("/")
        page.keyboard.type("jkn?g.")

        assert page.input_value(".filters [name=q]") == "jkn?g."
        assert page.url.endswith("/parcels/")

    def test_the_question_mark_lists_exactly_the_marks_of_the_page(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit("/parcels/")

        page.keyboard.press("?")

        listed = page.locator("[data-keys-list] kbd").all_text_contents()
        assert {"n", "/", "j", "k", "Enter", "?", "Esc"} <= set(listed)
        page.keyboard.press("Escape")
        assert not page.is_visible("#keys-help")

    def test_single_keys_can_be_switched_off(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit("/parcels/")
        page.keyboard.press("?")
        page.uncheck("[data-keys-switch]")
        page.keyboard.press("Escape")

        page.keyboard.press("n")

        assert page.url.endswith("/parcels/")

    def test_the_main_button_is_ctrl_enter(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit(parcels[0].get_absolute_url())

        page.keyboard.press("Control+Enter")

        page.wait_for_selector("text=It is now “Sent”")
        assert Parcel.objects.get(pk=parcels[0].pk).state == "sent"


class TestQuickPages:
    def test_a_link_keeps_the_frame_and_moves_title_focus_and_rail(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit("/masters/")
        page.evaluate("document.querySelector('.topbar').dataset.same = 'yes'")

        page.click(".rail [href='/masters/items/']")
        page.wait_for_url("**/masters/items/")
        page.wait_for_function("document.title.startsWith('Items')")

        assert page.get_attribute(".topbar", "data-same") == "yes"
        assert page.get_attribute(".rail [aria-current]", "href") == "/masters/items/"
        assert page.evaluate("document.activeElement.id") == "main"
        page.go_back()
        page.wait_for_selector("h1:has-text('Masters')")
        watched.assert_sound("after going back")

    def test_a_filter_is_in_the_address_and_nothing_empty_is(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit("/parcels/")

        page.fill(".filters [name=q]", "Rome 3")
        page.keyboard.press("Enter")
        page.wait_for_url("**/parcels/?*q=Rome*")

        page.wait_for_function("document.querySelectorAll('[data-row]').length === 1")
        assert page.url.partition("?")[2] in ("tab=open&q=Rome+3", "tab=open&q=Rome%203")

    def test_a_refusal_is_shown_and_read_out_in_place(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit(f"{parcels[0].get_absolute_url()}readdress/")

        page.fill("[name=address]", "Atlantis")
        page.click(".form-foot button")
        page.wait_for_selector(".problem")

        assert page.evaluate("document.activeElement.className") == "problem"
        assert page.input_value("[name=address]") == "Atlantis"
        assert page.title().startswith("Error:")
        page.click(".problem a")
        assert page.evaluate("document.activeElement.name") == "address"
        watched.assert_sound("refused form")

    def test_a_double_click_acts_once(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit(f"{parcels[0].get_absolute_url()}lose/")
        page.fill("[name=reason]", "rain")

        page.dblclick(".form-foot button")
        page.wait_for_selector("text=It is now “Lost”")

        assert Event.objects.filter(name="parcel.lost").count() == 1

    def test_an_ended_session_leads_to_the_whole_sign_in_page(self, open_page, rita, parcels):
        watched = open_page(rita)
        page = watched.page
        watched.visit("/parcels/")
        page.context.clear_cookies()

        page.click("[data-row] a >> nth=0")

        page.wait_for_url("**/accounts/login/?next=*")
        assert page.is_visible("[name=password]")

    def test_what_was_typed_survives_the_end_of_the_session(self, open_page, rita, parcels):
        rita.set_password("rita-and-her-secret")
        rita.save()
        watched = open_page(rita)
        page = watched.page
        watched.visit("/parcels/new/")
        page.fill("[name=address]", "Typed with care")
        page.context.clear_cookies(name="sessionid")

        page.click(".form-foot button")
        page.wait_for_selector("#signed-out[open]")
        with page.context.expect_page() as opened:
            page.click("#signed-out a")
        other = opened.value
        other.fill("[name=login]", "rita")
        other.fill("[name=password]", "rita-and-her-secret")
        other.click("button[type=submit]")
        other.wait_for_url(lambda url: "login" not in url)
        page.keyboard.press("Escape")
        page.click(".form-foot button")
        page.wait_for_selector("h1:has-text('PA-')")

        assert Parcel.objects.filter(address="Typed with care").count() == 1


class TestThemes:
    def test_a_theme_is_at_once_and_stays(self, open_page, rita):
        watched = open_page(rita)
        page = watched.page
        watched.visit("/parcels/")

        page.click("[popovertarget=user]")
        page.click("button[name=theme][value=dark]")

        assert page.get_attribute("html", "data-theme") == "dark"
        watched.visit("/parcels/")
        assert page.get_attribute("html", "data-theme") == "dark"
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert colour == "rgb(18, 22, 28)"

    def test_the_rail_is_a_drawer_on_a_narrow_screen(self, open_page, rita):
        watched = open_page(rita, width=360)
        page = watched.page
        watched.visit("/masters/")
        assert not page.is_visible("#rail")

        page.click("[popovertarget=rail]")

        page.wait_for_selector("#rail a >> visible=true")
        watched.assert_sound("drawer")
        page.click("#rail [href='/masters/items/']")
        page.wait_for_url("**/masters/items/")
        page.wait_for_selector("#rail", state="hidden")


class TestWithoutScripts:
    def test_a_verb_a_filter_and_a_theme_work(self, open_page, rita, parcels):
        watched = open_page(rita, scripts=False)
        page = watched.page
        watched.visit("/parcels/")
        page.fill(".filters [name=q]", "Rome 2")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=Rome*")
        page.click("[data-row] a")
        page.click(".verbs button.primary")
        page.wait_for_selector("text=It is now “Sent”")

        page.click("[popovertarget=user]")
        page.click("button[name=theme][value=dark]")

        assert page.get_attribute("html", "data-theme") == "dark"
        assert Parcel.objects.get(pk=parcels[2].pk).state == "sent"


class TestLines:
    def test_a_line_is_added_and_counted(self, open_page, rita):
        terms = CustomerFactory().terms
        watched = open_page(rita)
        page = watched.page
        watched.visit(f"/masters/terms/{terms.pk}/edit/")

        page.click("[data-adds-line]")

        assert page.input_value("[name=lines-TOTAL_FORMS]") == "4"
        assert page.evaluate("document.activeElement.name") == "lines-3-share_percent"
        watched.assert_sound("with one more line")
