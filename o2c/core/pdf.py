"""PDF documents from our own templates: nothing is fetched, one font, fit for the archive.

Templates extend `pdf/base.html`, which says what they may count on. Rendering takes about a tenth
of a second a page, so it belongs into a slow handler, outside any transaction.
"""

import logging
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string

from o2c.core.errors import RuleViolation
from o2c.core.pdf_support import pdf_problem, write_font_configuration

__all__ = ["ForbiddenInPdf", "PdfUnavailable", "pdf_problem", "render_pdf"]

#: PDF/A-3, level A: tagged for readers, and able to carry an e-invoice as an attachment.
ARCHIVE_FORMAT = "pdf/a-3a"


class PdfUnavailable(RuleViolation):
    """This machine cannot make PDFs; the sentence says what it lacks and how to cure it."""

    status = 503


class ForbiddenInPdf(Exception):
    """A template asks for a file or a host. A bug of ours: texts cannot, they are escaped."""


def render_pdf(template: str, context: Mapping[str, Any], *, language: str = "") -> bytes:
    """Render a template as an archivable PDF, in `language` (default: the active one).

    Only `data:` URLs can be read: whatever gets into a text, no file and no host is touched, and
    a template that asks for one fails instead of printing a hole. Raises PdfUnavailable.
    """
    problem = pdf_problem()
    if problem:
        raise PdfUnavailable(problem)
    with translation.override(language or translation.get_language()):
        html = render_to_string(template, dict(context))
    write: Callable[[str], bytes] = import_string(settings.PDF_WRITER)
    return write(html)


def write_pdf(html: str) -> bytes:
    """Draw the page with WeasyPrint. Raises ForbiddenInPdf."""
    weasyprint = _engine()
    document = weasyprint.HTML(string=html, url_fetcher=_data_only())
    try:
        return bytes(document.write_pdf(pdf_variant=ARCHIVE_FORMAT))
    except weasyprint.urls.FatalURLFetchingError as error:  # a BaseException over there
        raise ForbiddenInPdf(str(error)) from error


@cache
def _engine() -> Any:
    """WeasyPrint, imported when first needed (it takes a second), after fonts are provided for."""
    if "FONTCONFIG_FILE" not in os.environ:
        settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
        os.environ["FONTCONFIG_FILE"] = str(write_font_configuration(settings.STATE_DIR))
    import weasyprint

    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
    return weasyprint


@cache
def _data_only() -> Any:
    """A fetcher that reads `data:` URLs and stops the rendering at any other."""
    _engine()
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class DataOnly(URLFetcher):
        def __init__(self) -> None:
            super().__init__(allowed_protocols=("data",), allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            try:
                return super().fetch(url, headers)
            except Exception as error:
                raise FatalURLFetchingError(f"not allowed in a PDF: {url[:100]}") from error

    return DataOnly()
