"""Files, kept by what is in them."""

from django.db import models

from o2c.core import clock


class Attachment(models.Model):
    """A file that belongs to a document. The bytes lie in the content store under their sha256."""

    document_type = models.CharField(max_length=60)  # app.model
    document_id = models.BigIntegerField()
    purpose = models.CharField(max_length=40)  # canonical_pdf, signature, upload, ...
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document_type", "document_id", "purpose"],
                condition=models.Q(purpose__startswith="canonical"),
                name="core_attachment_one_canonical",
            ),
            models.CheckConstraint(
                condition=models.Q(sha256__regex="^[0-9a-f]{64}$"),
                name="core_attachment_sha256_form",
            ),
        ]
        indexes = [
            models.Index(fields=["document_type", "document_id"], name="core_attachment_document")
        ]

    def __str__(self) -> str:
        return self.name
