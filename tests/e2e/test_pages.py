"""Every kind of page in a browser: both themes, wide and narrow, signed in and before."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from tests.factories.masters import CustomerFactory
from tests.web.web_pages import lose, readdress, send, wrap

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.web.web_pages"),
]

VIEWS = [(1280, "light"), (1280, "dark"), (360, "dark"), (320, "light")]
#: Structure is the same in every view: axe reads one of each theme.
READ_BY_AXE = {(1280, "light"), (360, "dark")}


@pytest.fixture
def rita(rita):
    for number in range(30):
        wrap(f"Long Street {number}, 20457 Hamburg", Decimal("1234.50"), actor=rita)
    return rita


@pytest.fixture
def parcel(rita):
    parcel = wrap("London", Decimal(12), actor=rita)
    readdress(parcel.pk, address="London Bridge", version=1, actor=rita)
    return parcel


@pytest.mark.parametrize(("width", "theme"), VIEWS)
def test_sign_in_is_sound_and_says_no_kindly(open_page, rita, width, theme):
    watched = open_page(width=width, theme=theme)
    page = watched.page

    watched.visit("/accounts/login/")
    watched.assert_sound()
    page.fill("[name=login]", "rita")
    page.fill("[name=password]", "wrong")
    page.click("button[type=submit]")
    page.wait_for_selector(".problem")
    watched.assert_sound("sign-in refused")
    page.fill("[name=password]", "rita-and-her-secret")
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "login" not in url)


@pytest.mark.parametrize(("width", "theme"), VIEWS)
def test_pages_are_sound(open_page, rita, parcel, width, theme):
    watched = open_page(rita, width=width, theme=theme)
    empty = wrap("", Decimal(0), actor=SYSTEM)
    at = parcel.get_absolute_url()

    for url in [
        "/parcels/?tab=all",
        "/parcels/?q=Hamburg&value_from=10&size=25&tab=oops",
        "/parcels/?q=nowhere",
        "/parcels/new/",
        at,
        empty.get_absolute_url(),
        f"{at}?tab=timeline",
        f"{at}?tab=files",
        f"{at}?tab=audit",
        f"{at}lose/",
        f"{at}readdress/",
        "/help/",
        "/nowhere/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/logout/",
    ]:
        watched.visit(url)
        watched.assert_sound(f"{url} at {width} {theme}", axe=(width, theme) in READ_BY_AXE)


@pytest.mark.parametrize(("width", "theme"), VIEWS)
def test_pages_of_masters_are_sound(open_page, rita, width, theme):
    customer = CustomerFactory()
    watched = open_page(rita, width=width, theme=theme)

    for url in [
        "/masters/",
        "/masters/customers/",
        f"/masters/customers/{customer.pk}/",
        f"/masters/customers/{customer.pk}/edit/",
        f"/masters/terms/{customer.terms_id}/edit/",
        "/masters/customers/import/",
        "/masters/company/",
    ]:
        watched.visit(url)
        watched.assert_sound(f"{url} at {width} {theme}", axe=(width, theme) in READ_BY_AXE)


def test_open_menus_and_dialogs_are_sound(open_page, rita, parcel):
    watched = open_page(rita)
    page = watched.page
    watched.visit("/parcels/?tab=all")

    for opener in ["text=State", "text=Columns", "text=Export"]:
        page.click(f".filters summary:has-text('{opener.removeprefix('text=')}')")
        watched.assert_sound(opener)
    page.keyboard.press("Escape")
    page.click("[popovertarget=user]")
    watched.assert_sound("user menu")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    watched.assert_sound("keys")
    watched.visit(parcel.get_absolute_url())
    page.click(".menu summary")
    watched.assert_sound("verbs")


def test_printing_shows_the_table_and_no_chrome(open_page, rita):
    watched = open_page(rita)
    page = watched.page
    watched.visit("/parcels/?tab=all")

    page.emulate_media(media="print")

    assert page.is_hidden(".topbar")
    assert page.is_hidden(".rail")
    assert page.is_visible("table.listing tfoot")
    assert page.is_visible(".print-foot")


def test_a_lost_parcel_offers_nothing(open_page, rita, parcel):
    send(parcel.pk, actor=SYSTEM)
    lose(parcel.pk, reason="rain", actor=SYSTEM)
    watched = open_page(rita)

    watched.visit(parcel.get_absolute_url())

    assert watched.page.locator(".verbs button").count() == 0


def test_axe_finds_what_is_wrong(open_page):
    """A crawl of every page that finds nothing must be able to find something."""
    watched = open_page()
    watched.visit("/accounts/login/")
    watched.page.evaluate("document.querySelector('main').innerHTML = '<img src=\"/x\">'")

    with pytest.raises(AssertionError, match="image-alt"):
        watched.assert_accessible("a picture without words")

    # As the page was changed, so is what is found of it: axe reads anew, though it is loaded once.
    watched.page.evaluate("document.querySelector('main').innerHTML = '<h1>Words</h1>'")
    watched.assert_accessible("a page with a heading")
