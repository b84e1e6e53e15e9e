"""A form sent twice acts once and gets one answer: the edge of every POST.

The operation key (`op_id`) that a form carries belongs to who sent what, and where to. Its first
command stores it (`o2c.core.idempotency`); here the answer is stored beside it, and given again.
"""

import hashlib
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from o2c.core.idempotency import (
    SentBefore,
    SentForm,
    fingerprint_of,
    read_key,
    result_of,
    sent_form,
)
from o2c.core.models import IdempotencyKey
from o2c.web.showing import SeeOther, url_of

_NO_CONTENT = {"csrfmiddlewaretoken", "op_id"}
_PATIENCE_S, _STEP_S = 2.0, 0.05


class OnceMiddleware:
    """Carries out each form once.

    The same form sent again, while the first is still under way or after it, is led where the
    first was. Other content under a used key is refused by the command (IdempotencyConflict), and
    so is a form without a key (KeyMissing). Django's own admin writes one row a form and is left
    alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self.get_response(request)
        sent = _sent(request)
        token = sent_form.set(sent)
        try:
            response = self.get_response(request)
        finally:
            sent_form.reset(token)
        if sent.is_carried_out and 300 <= response.status_code < 400:
            sent.keep_answer(response.headers["Location"])
        elif response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return response  # the page takes no forms, so it has none to answer again
        elif not sent.is_carried_out and response.status_code >= 400:
            return _answer_again(request, sent) or response
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        match = request.resolver_match
        if match is not None and match.app_name == "admin":
            sent_form.set(None)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        sent = sent_form.get()
        if not isinstance(error, SentBefore) or sent is None:
            return None
        return _answer_again(request, sent)


def _sent(request: HttpRequest) -> SentForm:
    typed = {name: request.POST.getlist(name) for name in request.POST if name not in _NO_CONTENT}
    files = [(name, _digest(f)) for name in request.FILES for f in request.FILES.getlist(name)]
    content = [request.user.pk, request.get_full_path(), typed, files]
    return SentForm(read_key(request.POST.get("op_id", "")), fingerprint_of(content))


def _digest(upload: Any) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _answer_again(request: HttpRequest, sent: SentForm) -> HttpResponse | None:
    """Lead to where the first sending was led; None when there was none with this content.

    A first that is still drawing its answer is waited for; what came of one that died is shown.
    """
    first = _answered(sent)
    if first is None:
        return None
    messages.info(request, _("This was sent twice and done once."))
    return SeeOther(first.answer or url_of(result_of(first)))


def _answered(sent: SentForm) -> IdempotencyKey | None:
    patience = time.monotonic() + _PATIENCE_S
    while (first := sent.stored()) and not first.answer and time.monotonic() < patience:
        time.sleep(_STEP_S)
    return first
