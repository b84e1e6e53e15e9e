"""Files by content: stored once under their sha256, outside the web root, checked when read."""

import hashlib
import os
import re
import tempfile
import unicodedata
from pathlib import Path

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from o2c.core.actors import Actor
from o2c.core.errors import RuleViolation
from o2c.core.models import Attachment
from o2c.core.work import assert_in_command

__all__ = [
    "Attachment",
    "CorruptFile",
    "attachments_of",
    "keep_bytes",
    "kept_bytes",
    "lost_files",
    "read_file",
    "restore_file",
    "store_file",
    "stored_path",
]

MAX_BYTES = 25 * 1024 * 1024


class CorruptFile(Exception):
    """The stored bytes are gone or are not the bytes that were stored."""


def store_file(
    document: Model, data: bytes, *, name: str, content_type: str, purpose: str, actor: Actor
) -> Attachment:
    """Keep data as a file of document. The same bytes are stored once on disk.

    A purpose that starts with `canonical` may exist once per document: the database refuses a
    second one. Raises RuleViolation for an empty or oversized file.
    """
    assert_in_command()
    if not data:
        raise RuleViolation(_("The file “%(name)s” is empty.") % {"name": name})
    if len(data) > MAX_BYTES:
        raise RuleViolation(
            _("The file “%(name)s” is larger than %(limit)s MB.")
            % {"name": name, "limit": MAX_BYTES // 1024 // 1024}
        )
    sha256 = hashlib.sha256(data).hexdigest()
    keep_bytes(sha256, data)
    return Attachment.objects.create(
        document_type=document._meta.label_lower,
        document_id=document.pk,
        purpose=purpose,
        name=clean_name(name),
        content_type=content_type,
        size=len(data),
        sha256=sha256,
        created_by=actor.get_username(),
    )


def read_file(attachment: Attachment) -> bytes:
    """The bytes of attachment, proven to be the ones stored. Raises CorruptFile."""
    data = kept_bytes(attachment.sha256)
    if data is None:
        is_there = stored_path(attachment.sha256).is_file()
        what = "was changed on disk" if is_there else "is missing"
        raise CorruptFile(f"{attachment.name}: the file {what}")
    return data


def restore_file(attachment: Attachment, data: bytes) -> None:
    """Put the bytes of a lost or damaged file back. Raises CorruptFile when data are others."""
    if hashlib.sha256(data).hexdigest() != attachment.sha256:
        raise CorruptFile(f"{attachment.name}: these are other bytes than those stored")
    keep_bytes(attachment.sha256, data)


def lost_files() -> list[str]:
    """The sha256 of every attachment whose bytes are gone or are other ones.

    Each file of the store is read once.
    """
    hashes = Attachment.objects.order_by("sha256").values_list("sha256", flat=True).distinct()
    return [sha256 for sha256 in hashes.iterator() if kept_bytes(sha256) is None]


def attachments_of(document: Model) -> QuerySet[Attachment]:
    """The files of document, newest first."""
    own = {"document_type": document._meta.label_lower, "document_id": document.pk}
    return Attachment.objects.filter(**own).order_by("-pk")


def clean_name(name: str) -> str:
    """A file name fit to show and to download: no path, no control or direction characters."""
    base = re.split(r"[\\/]", name)[-1]
    kept = "".join(c for c in base if unicodedata.category(c)[0] != "C").strip(" .")
    return kept[-200:] or "file"


def stored_path(sha256: str) -> Path:
    """Where the bytes of this hash lie, or would."""
    return Path(settings.CONTENT_STORE) / sha256[:2] / sha256


def kept_bytes(sha256: str) -> bytes | None:
    """The bytes of this hash; None when the store has none, or other ones in their place."""
    try:
        data = stored_path(sha256).read_bytes()
    except FileNotFoundError:
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def keep_bytes(sha256: str, data: bytes) -> None:
    """Keep the bytes of this hash, whole or not at all: temporary file, fsync, rename. What is
    there, but damaged, is replaced."""
    path = stored_path(sha256)
    if kept_bytes(sha256) is not None:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
