"""A real browser on a real server: Debian's Chromium through Playwright."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.handlers import StaticFilesHandler

from tests.e2e.soundness import Watched

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def static_files_stay() -> Iterator[None]:
    """The browser asks once for each style and script: there are fifteen on a page."""
    serve = StaticFilesHandler.serve

    def served(self: Any, request: Any) -> Any:
        response = serve(self, request)
        response["Cache-Control"] = "max-age=3600"
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", served)
        yield


@pytest.fixture(scope="session")
def browser(static_files_stay: None) -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        message = f"no browser at {CHROMIUM}: apt install chromium"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, where the tests also use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def rita(db: None) -> Any:
    """Somebody with every right."""
    return get_user_model().objects.create_superuser("rita", password="rita-and-her-secret")


@pytest.fixture
def open_page(browser: Any, live_server: Any, client: Any) -> Iterator[Any]:
    """`open_page(user, width=1280, theme="light", scripts=True)`: a signed-in, watched page."""
    contexts = []

    def opened(
        user: Any = None, *, width: int = 1280, theme: str = "light", scripts: bool = True
    ) -> Watched:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            reduced_motion="reduce",  # colours are read as they stay, not while they fade
            java_script_enabled=scripts,
        )
        contexts.append(context)
        if user is not None:
            client.force_login(user)
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return Watched(context.new_page(), live_server.url)

    yield opened
    for context in contexts:
        context.close()
