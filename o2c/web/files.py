"""Files of a document: adding one, fetching one."""

from typing import Any

from django import forms
from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from o2c.core.actors import Actor, require
from o2c.core.attachments import MAX_BYTES, CorruptFile, read_file, store_file
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.models import Attachment, Document
from o2c.web.acting import act
from o2c.web.actions import Action
from o2c.web.forms import Form
from o2c.web.showing import require_right, view_right

ATTACH_RIGHT = "core.attach_file"

#: What may be added: file ending -> content type and how such a file begins.
_KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "csv": ("text/csv", ()),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (b"PK\x03\x04",),
    ),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "txt": ("text/plain", ()),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (b"PK\x03\x04",),
    ),
}


@command
def attach_file(
    document_id: int, document_type: str, data: bytes, name: str, *, actor: Actor
) -> Attachment:
    """Keep an uploaded file with a document.

    Raises RuleViolation when the kind of file is not taken or its content is of another kind.
    """
    require(actor, ATTACH_RIGHT)
    document = apps.get_model(document_type)._default_manager.get(pk=document_id)
    content_type = _content_type(name, data)
    return store_file(
        document, data, name=name, content_type=content_type, purpose="upload", actor=actor
    )


def _content_type(name: str, data: bytes) -> str:
    """The content type by ending, when the content agrees."""
    ending = name.rpartition(".")[2].lower()
    if ending not in _KINDS:
        raise RuleViolation(
            _("“%(name)s”: files of this kind are not taken. Possible are %(kinds)s.")
            % {"name": name[:80], "kinds": ", ".join(sorted(_KINDS))}
        )
    content_type, beginnings = _KINDS[ending]
    is_text = content_type.startswith("text/")
    if (beginnings and not data.startswith(beginnings)) or (is_text and b"\x00" in data):
        raise RuleViolation(
            _("“%(name)s” is not what its ending says. Check the file.") % {"name": name[:80]}
        )
    return content_type


class FileForm(Form):
    """The file to keep with a document."""

    knows_document = True
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, image, text or office file, at most 25 MB."),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:  # before it is read
            raise forms.ValidationError(_("The file “%s” is larger than 25 MB.") % upload.name)
        return upload

    def arguments(self) -> dict[str, Any]:
        upload = self.cleaned_data["file"]
        of = self.document._meta.label_lower
        return {"document_type": of, "data": upload.read(), "name": upload.name or ""}


def _files_of(document: Document) -> str:
    return f"{document.get_absolute_url()}?tab=files"


ACTIONS = {
    "attach": Action(
        attach_file,
        FileForm,
        label=gettext_lazy("Add a file"),
        icon="upload",
        permission=ATTACH_RIGHT,
        done=gettext_lazy("the file was added"),
        then=_files_of,
    )
}


def add_file(request: HttpRequest, app_label: str, model_name: str, pk: int) -> HttpResponse:
    """Attach a file to a document of any kind; its model stands in the address."""
    document = _document(request, app_label, model_name, pk)
    return act(request, type(document), ACTIONS, pk, "attach", at=_files_of(document))


@require_safe
def get_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Download a file; needs the right to see its document. Proven against its sha256."""
    attachment = get_object_or_404(Attachment, pk=pk)
    app_label, _dot, model_name = attachment.document_type.partition(".")
    _document(request, app_label, model_name, attachment.document_id)
    return HttpResponse(
        stored_bytes(attachment),
        content_type=attachment.content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, attachment.name),
            "Cache-Control": "no-store",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


class DamagedFile(RuleViolation):
    """A kept file cannot be handed out: its bytes are gone or are others."""

    status = 409


def stored_bytes(attachment: Attachment) -> bytes:
    """The bytes of a kept file, for a page. Raises DamagedFile in the reader's words."""
    try:
        return read_file(attachment)
    except CorruptFile as error:
        raise DamagedFile(
            _("“%s” is damaged in the store. Tell an administrator.") % attachment.name
        ) from error


def _document(request: HttpRequest, app_label: str, model_name: str, pk: int) -> Document:
    """The document a file belongs to, if the reader may see it."""
    try:
        model = apps.get_model(app_label, model_name)
    except LookupError as error:
        raise Http404 from error
    if not issubclass(model, Document):
        raise Http404
    require_right(request, view_right(model))
    return get_object_or_404(model, pk=pk)
