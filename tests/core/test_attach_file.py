"""An uploaded file is kept with its document when it is what its name says."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.attachments import MAX_BYTES, attachments_of, read_file
from o2c.core.errors import IdempotencyConflict, NotPermitted, RuleViolation
from o2c.core.models import Attachment
from o2c.web.files import attach_file

pytestmark = pytest.mark.django_db


def attach(parcel, name="note.txt", data=b"hello", *, actor=SYSTEM, **more):
    return attach_file(parcel.pk, "sample.parcel", data, name, actor=actor, **more)


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("note.txt", b"hello", "text/plain"),
        ("list.csv", b"a;b", "text/csv"),
        ("Bill.PDF", b"%PDF-1.7", "application/pdf"),
        ("photo.jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
    ],
)
def test_a_file_is_kept_under_the_kind_its_name_says(parcel, clerk, name, data, content_type):
    attached = attach(parcel, name, data, actor=clerk)

    assert list(attachments_of(parcel)) == [attached]
    assert read_file(attached) == data
    assert (attached.name, attached.content_type) == (name, content_type)
    assert (attached.purpose, attached.created_by) == ("upload", "clara")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("page.html", b"<script>", r"“page\.html”: files of this kind are not taken"),
        ("x.svg", b"<svg>", r"Possible are csv, docx, jpeg, jpg, pdf, png, txt, xlsx\."),
        ("noending", b"x", "files of this kind are not taken"),
        ("x.pdf", b"MZ", r"“x\.pdf” is not what its ending says"),
        ("x.xlsx", b"%PDF-", "is not what its ending says"),
        ("x.txt", b"a\x00b", "is not what its ending says"),
        ("x.txt", b"", r"The file “x\.txt” is empty"),
        ("x.txt", b"x" * (MAX_BYTES + 1), "larger than 25 MB"),
    ],
    ids=["page", "drawing", "no ending", "no pdf", "no sheet", "no text", "empty", "too large"],
)
def test_what_is_not_what_it_says_is_refused(parcel, name, data, sentence):
    with pytest.raises(RuleViolation, match=sentence):
        attach(parcel, name, data)

    assert not Attachment.objects.exists()


def test_who_only_looks_attaches_nothing(parcel, auditor):
    with pytest.raises(NotPermitted):
        attach(parcel, actor=auditor)

    assert not Attachment.objects.exists()


def test_the_same_form_sent_twice_keeps_one_file(parcel):
    first, second = (attach(parcel, op_id="one form") for _ in range(2))

    assert (first.pk, Attachment.objects.count()) == (second.pk, 1)
    with pytest.raises(IdempotencyConflict):
        attach(parcel, data=b"other", op_id="one form")
