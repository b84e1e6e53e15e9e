"""A person's browser before two web servers, of which one may be gone."""

import re
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from http.cookiejar import CookieJar
from urllib.parse import urlencode

PATIENCE_S = 120  # how long a person tries one page
PAUSE_S = 0.1
TIMEOUT_S = 30  # of one request
_HIDDEN_FIELD = r'name="{}" value="([^"]+)"'


class Refused(Exception):
    """The product answered with something that trying again will not mend. A finding."""


class Browser:
    """Asks the servers in turn until one answers, as the proxy before them would."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls
        self._first = 0
        # No redirect is followed: where it leads is the acknowledgement.
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.HTTPHandler(),
            urllib.request.HTTPCookieProcessor(CookieJar()),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        ):
            self._opener.add_handler(handler)

    def sign_in(self, username: str) -> None:
        self.post("/accounts/login/", {"login": username, "password": f"demo-{username}"})

    def get(self, path: str) -> str:
        """The text of a page."""
        status, text = self._answer(path, None)
        if status != 200:
            raise Refused(f"{path} answered {status}")
        return text

    def post(self, path: str, fields: dict[str, str]) -> tuple[str, str]:
        """Fill in the form of a page and send it until it is acknowledged: (op_id, where to).

        It is the same form each time, so what was carried out unseen is not carried out twice.
        """
        page = self.get(path)
        token, op_id = _hidden(page, "csrfmiddlewaretoken"), _hidden(page, "op_id")
        status, answer = self._answer(
            path, {**fields, "csrfmiddlewaretoken": token, "op_id": op_id}
        )
        if status not in (302, 303):
            said = re.findall(r'class="(?:error|refusal|errors)[^"]*"[^>]*>\s*([^<]+)', answer)
            raise Refused(f"{path} answered {status}: {said}")
        return op_id, answer

    def _answer(self, path: str, fields: dict[str, str] | None) -> tuple[int, str]:
        """Status, and the text or, of a redirect, where to. Raises Refused when none comes."""
        data = urlencode(fields).encode() if fields else None
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                url = self._urls[self._first % len(self._urls)] + path
                with self._opener.open(url, data, timeout=TIMEOUT_S) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as other:
                if other.code < 500:
                    return other.code, other.headers.get("Location") or other.read().decode()
                if other.code == 500:
                    raise Refused(f"{path} answered 500") from other
            except (OSError, HTTPException):
                pass  # refused, reset, or broken off
            self._first += 1
            time.sleep(PAUSE_S)
        raise Refused(f"{path} was not answered in {PATIENCE_S} s")


def _hidden(page: str, name: str) -> str:
    found = re.search(_HIDDEN_FIELD.format(name), page)
    return found[1] if found else ""
