"""Every page of the house in a browser: sound on a desk, fitting on a phone."""

import re

import pytest

from o2c.core.models import User
from tests.whole_house import addresses, furnish

#: All kinds of masters share their pages; these stand for the rest.
_SHARED = re.compile(r"/masters/(?!customers|terms/|prices|company|$)")

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rita(db):
    furnish()
    return User.objects.create_superuser("rita")


def test_every_page_is_sound(open_page, rita):
    wide, narrow = open_page(rita), open_page(rita, width=320, theme="dark")
    seen = []

    for url in addresses():
        if _SHARED.match(url):
            continue
        response = wide.visit(url)
        if response.status == 405:
            continue  # answers POST only
        assert response.status == 200, f"{url}: {response.status}"
        if "text/html" not in response.headers["content-type"]:
            continue
        seen.append(url)
        wide.assert_sound(url)
        narrow.visit(url)
        narrow.assert_sound(url, axe=False)

    assert len(seen) > 60
