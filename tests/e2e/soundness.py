"""What every page must be, whatever it shows: quiet console, own origin, no overflow, axe clean."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Only what is wrong comes back: the list of what is right costs more than the reading.
_VIOLATIONS = """rules => axe.run({runOnly: rules, resultTypes: ["violations"]}).then(
  result => result.violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(({id, help, nodes}) =>
      ({id, help, html: nodes.slice(0, 5).map(node => node.html.slice(0, 200))})))
"""
_BEYOND_THE_EDGE = """edge => [...document.querySelectorAll("main *")]
  .filter(node => node.getBoundingClientRect().right > edge && !node.closest(".scroll > *"))
  .map(node => node.outerHTML.slice(0, 120)).slice(0, 5)"""


class Watched:
    """A browser page that remembers everything it complained about."""

    def __init__(self, page: Any, origin: str) -> None:
        self.page = page
        self.problems: list[str] = []
        self.foreign: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((origin, "data:", "blob:"))
                else self.foreign.append(request.url)
            ),
        )

    def _hear(self, message: Any) -> None:
        # A status of 4xx is an answer; the browser reports it as a failed resource.
        if (
            message.type == "error"
            and "the server responded with a status of 4" not in message.text
        ):
            self.problems.append(f"{self.page.url}: {message.text}")

    def visit(self, url: str) -> Any:
        return self.page.goto(url)  # returns when scripts have run

    @contextmanager
    def at_night_on_a_phone(self) -> Iterator[None]:
        """The same page, 320 px narrow and dark, without loading it again."""
        desk = self.page.viewport_size
        self.page.set_viewport_size({"width": 320, "height": 800})
        self.page.emulate_media(color_scheme="dark")
        yield
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(desk)

    def assert_sound(self, what: str = "", *, axe: bool = True) -> None:
        """Nothing complained, nothing came from elsewhere, nothing overflows, axe is content."""
        what = what or self.page.url
        assert self.problems == [], what
        assert self.foreign == [], what
        self.assert_fits(what)
        if axe:
            self.assert_accessible(what)

    def assert_fits(self, what: str = "") -> None:
        """No sideways scrolling of the page; tables scroll in their own regions."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        window = self.page.viewport_size["width"]
        if width > window:
            culprits = self.page.evaluate(_BEYOND_THE_EDGE, window)
            raise AssertionError(f"{what}: {width} px in a window of {window} px: {culprits}")

    def assert_accessible(self, what: str = "") -> None:
        self._ask_axe(what, {"type": "tag", "values": _TAGS})

    def assert_legible(self, what: str = "") -> None:
        """What depends on theme and width only; the rest was read in another view."""
        self._ask_axe(what, {"type": "rule", "values": ["color-contrast", "target-size"]})

    def _ask_axe(self, what: str, rules: dict[str, Any]) -> None:
        with self._whole_in_the_window():
            serious = self._violations(rules)
        assert not serious, f"{what}\n" + "\n".join(serious)

    @contextmanager
    def _whole_in_the_window(self) -> Iterator[None]:
        """A bar that sticks to the edge hides nothing here: what it covers is one scroll away."""
        window = self.page.viewport_size
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({**window, "height": max(height, window["height"])})
        yield
        self.page.set_viewport_size(window)

    def _violations(self, rules: dict[str, Any]) -> list[str]:
        if not self.page.evaluate("typeof axe === 'object'"):  # it stays as long as the page does
            self.page.evaluate(AXE_SCRIPT)
        return [
            "\n    ".join([f"{found['id']}: {found['help']}", *found["html"]])
            for found in self.page.evaluate(_VIOLATIONS, rules)
        ]
