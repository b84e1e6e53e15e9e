"""The form that founds the company."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from o2c.core.money import MINOR_UNITS
from o2c.masters.commands.installing import CURRENCIES
from o2c.masters.forms import master_field
from o2c.masters.models import Company
from o2c.web.forms import StrictDecimalField, TextField


def _rate(label: Any) -> StrictDecimalField:
    return StrictDecimalField(label=label, min_value=0, max_value=100, decimal_places=4)


class FoundingForm(forms.ModelForm):
    """Who we are, the currency of our books, and the VAT rates of our country."""

    use_required_attribute = False

    legal_name = TextField(
        label=_("Legal name"), required=False, max_length=200, help_text=_("Empty: the name.")
    )
    base_currency = forms.ChoiceField(
        label=_("Currency of the books"),
        choices=[
            (code, f"{code} · {CURRENCIES[code]}" if code in CURRENCIES else code)
            for code in sorted(MINOR_UNITS)
        ],
        initial="EUR",
        help_text=_("It stays for good: every amount is kept in it as well."),
    )
    standard_percent = _rate(_("Standard VAT rate, %"))
    reduced_percent = _rate(_("Reduced VAT rate, %"))

    class Meta:
        model = Company
        fields = (
            *("name", "legal_name", "street", "postcode", "city", "country"),
            *("vat_id", "tax_number", "registration", "email", "phone", "website", "base_currency"),
        )
        formfield_callback = master_field
