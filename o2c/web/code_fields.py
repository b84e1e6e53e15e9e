"""Fields for codes and numbers that are typed, pasted or scanned rather than chosen."""

from typing import Any

from django import forms

from o2c.core.spellings import compacted, plain
from o2c.web.forms import TextField


class TypedCodeField(TextField):
    """A code or number in the spelling that was typed, without what nobody sees of it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return self.spelt(text) if isinstance(text, str) else text

    def spelt(self, text: str) -> str:
        """The text as it is kept."""
        return plain(text)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)  # the browser would cut what is shorter once it is clean
        return attrs


class IdentifierField(TypedCodeField):
    """A VAT id, an IBAN and their like: in capitals, without the blanks and dashes people write."""

    def spelt(self, text: str) -> str:
        return compacted(text)
