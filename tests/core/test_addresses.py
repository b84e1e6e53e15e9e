"""Addresses of rows are those that Django would find, under whatever URLs are in force."""

import pytest
from django.test import override_settings
from django.urls import NoReverseMatch, reverse

from o2c.core.addresses import plain_address, row_address


@pytest.mark.parametrize("name", ["orders:order_detail", "receivables:customer_account"])
@pytest.mark.parametrize("key", [1, 7, 1_234_567_890])
def test_an_address_is_the_one_django_finds(name, key):
    assert row_address(name, key) == reverse(name, args=[key])


def test_other_urls_have_other_addresses():
    assert row_address("orders:order_detail", 7) == "/orders/7/"

    with override_settings(ROOT_URLCONF="django.contrib.auth.urls"), pytest.raises(NoReverseMatch):
        row_address("orders:order_detail", 7)
    with override_settings(ROOT_URLCONF="django.contrib.auth.urls"), pytest.raises(NoReverseMatch):
        plain_address("orders:order_list")


def test_what_is_not_saved_has_no_page():
    with pytest.raises(NoReverseMatch):
        row_address("orders:order_detail", None)


def test_a_name_nobody_knows_is_no_address():
    with pytest.raises(NoReverseMatch):
        plain_address("orders:nothing")
