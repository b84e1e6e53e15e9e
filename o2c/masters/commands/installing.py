"""What every new company starts with: currencies, units, taxes, payment terms. Runs any time."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.money import MINOR_UNITS
from o2c.masters.commands.amending import amend_master, right
from o2c.masters.models import (
    Company,
    Currency,
    PaymentTerms,
    PaymentTermsLine,
    Recorded,
    SupplyKind,
    TaxClass,
    TaxCode,
    TaxProfile,
    TaxRate,
    TaxRule,
    Unit,
)

CURRENCIES = {
    "AUD": "Australian dollar",
    "CAD": "Canadian dollar",
    "CHF": "Swiss franc",
    "CNY": "Renminbi",
    "CZK": "Czech koruna",
    "DKK": "Danish krone",
    "EUR": "Euro",
    "GBP": "Pound sterling",
    "HUF": "Forint",
    "JPY": "Yen",
    "KWD": "Kuwaiti dinar",
    "NOK": "Norwegian krone",
    "PLN": "Złoty",
    "SEK": "Swedish krona",
    "USD": "US dollar",
}
#: UN/ECE Recommendation 20 (and X.. for packages, Recommendation 21): name, symbol, decimals.
UNITS = {
    "H87": ("piece", "pc", 0),
    "XBX": ("box", "box", 0),
    "XCT": ("carton", "ctn", 0),
    "XPK": ("package", "pack", 0),
    "XPX": ("pallet", "plt", 0),
    "PR": ("pair", "pr", 0),
    "SET": ("set", "set", 0),
    "DZN": ("dozen", "dz", 0),
    "GRM": ("gram", "g", 0),
    "KGM": ("kilogram", "kg", 3),
    "TNE": ("tonne", "t", 3),
    "MMT": ("millimetre", "mm", 0),
    "MTR": ("metre", "m", 3),
    "MTK": ("square metre", "m²", 3),
    "MTQ": ("cubic metre", "m³", 3),
    "LTR": ("litre", "l", 3),
    "HUR": ("hour", "h", 2),
    "DAY": ("day", "d", 2),
}
#: Name, EN 16931 category, VATEX code, reason as printed.
TAX_CODES = {
    "STANDARD": ("Standard rate", "S", "", ""),
    "REDUCED": ("Reduced rate", "S", "", ""),
    "ZERO": ("Zero rated", "Z", "", ""),
    "EXEMPT": ("Exempt", "E", "", "Exempt from VAT"),
    "REVERSE": ("Reverse charge", "AE", "VATEX-EU-AE", "Reverse charge"),
    "EU-GOODS": (
        "Intra-community supply", "K", "VATEX-EU-IC",
        "Intra-community supply, article 138 of Directive 2006/112/EC",
    ),
    "EXPORT": (
        "Export", "G", "VATEX-EU-G", "Export outside the EU, article 146 of Directive 2006/112/EC",
    ),
    "OUTSIDE": ("Outside the scope of VAT", "O", "VATEX-EU-O", "Not subject to VAT"),
}  # fmt: skip
#: Name, supplies it is taken for, then the tax code of each tax class.
TAX_PROFILES = {
    "DOMESTIC": ("Domestic", SupplyKind.DOMESTIC, "STANDARD", "REDUCED", "ZERO", "EXEMPT"),
    "EU-BUSINESS": (
        "Business in another EU state", SupplyKind.INTRA_COMMUNITY, *["EU-GOODS"] * 3, "EXEMPT",
    ),
    "EU-SERVICES": (
        "EU business, reverse charge", SupplyKind.REVERSE_CHARGE, *["REVERSE"] * 3, "EXEMPT",
    ),
    "EXPORT": ("Outside the EU", SupplyKind.EXPORT, *["EXPORT"] * 4),
}  # fmt: skip
#: Name, discount percent and days, then the lines.
TERMS: dict[str, tuple[str, str, int | None, list[dict[str, Any]]]] = {
    "NOW": ("Due at once", "0", None, [{"remainder": True}]),
    "NET14": ("14 days net", "0", None, [{"remainder": True, "days": 14}]),
    "NET30": ("30 days net", "0", None, [{"remainder": True, "days": 30}]),
    "NET60": ("60 days net", "0", None, [{"remainder": True, "days": 60}]),
    "EOM": ("End of next month", "0", None,
            [{"remainder": True, "months": 1, "end_of_month": True}]),
    "2-10-NET30": ("2 % in 10 days, 30 days net", "2", 10, [{"remainder": True, "days": 30}]),
    "HALF-HALF": ("Half at once, half in 30 days", "0", None,
                  [{"share_percent": Decimal(50)}, {"remainder": True, "days": 30}]),
}  # fmt: skip


@command
def install_company(*, actor: Actor, **fields: Any) -> Company:
    """Set up the one company. `fields` are those of Company; name, country and base_currency
    are needed. The base currency is created when it is missing.

    Raises RuleViolation when there is a company already: then amend it.
    """
    require(actor, right(Company, "add"))
    if Company.objects.exists():
        raise RuleViolation(_("The company is set up already. Change it instead."))
    currency = fields["base_currency"]
    if currency not in MINOR_UNITS:
        message = _("%(code)s is not an ISO 4217 currency.") % {"code": currency[:10]}
        raise RuleViolation(message, field="base_currency")
    _install(Currency, [_currency(currency)])
    fields["legal_name"] = fields.get("legal_name") or fields["name"]
    return amend_master(Company(**fields), reason=_("Set up"), actor=actor)


@command
def install_reference_data(
    *,
    standard_percent: Decimal = Decimal(19),
    reduced_percent: Decimal = Decimal(7),
    actor: Actor,
) -> None:
    """Create the usual currencies, units, tax codes and profiles, and payment terms.

    What exists under the same code is left as it is, so this may run again. The percents are
    those of the tax codes STANDARD and REDUCED. A constant number of statements.
    """
    for model in (Currency, Unit, TaxCode, TaxProfile, PaymentTerms):
        require(actor, right(model, "add"))
    _install(Currency, [_currency(code) for code in CURRENCIES])
    _install(
        Unit,
        [
            Unit(code=code, name=name, symbol=symbol, decimals=decimals)
            for code, (name, symbol, decimals) in UNITS.items()
        ],
    )
    _install_taxes({"STANDARD": standard_percent, "REDUCED": reduced_percent})
    _install_terms()


def _install_taxes(percents: dict[str, Decimal]) -> None:
    fresh = _install(
        TaxCode,
        [
            TaxCode(code=code, name=name, category=category, exemption_code=vatex,
                    exemption_reason=reason)
            for code, (name, category, vatex, reason) in TAX_CODES.items()
        ],
    )  # fmt: skip
    _add(
        TaxRate,
        [TaxRate(tax_code=c, percent=percents[c.code]) for c in fresh if c.code in percents],
    )
    profiles = _install(
        TaxProfile,
        [TaxProfile(code=code, name=row[0], supply=row[1]) for code, row in TAX_PROFILES.items()],
    )
    codes = {code.code: code for code in TaxCode.objects.all()}
    classes = (TaxClass.STANDARD, TaxClass.REDUCED, TaxClass.ZERO, TaxClass.EXEMPT)
    _add(
        TaxRule,
        [
            TaxRule(profile=profile, tax_class=tax_class, tax_code=codes[code])
            for profile in profiles
            for tax_class, code in zip(classes, TAX_PROFILES[profile.code][2:], strict=True)
        ],
    )


def _install_terms() -> None:
    fresh = _install(
        PaymentTerms,
        [
            PaymentTerms(
                code=code, name=name, discount_percent=Decimal(percent), discount_days=days
            )
            for code, (name, percent, days, _lines) in TERMS.items()
        ],
    )
    _add(
        PaymentTermsLine,
        [
            PaymentTermsLine(terms=terms, sequence=sequence, **line)
            for terms in fresh
            for sequence, line in enumerate(TERMS[terms.code][3], start=1)
        ],
    )


def _currency(code: str) -> Currency:
    return Currency(code=code, name=CURRENCIES.get(code, code), minor_units=MINOR_UNITS[code])


def _install(model: type[Any], rows: list[Any]) -> list[Any]:
    """Store those rows whose code is not there yet; return them."""
    known = set(model._default_manager.values_list("code", flat=True))
    return _add(model, [row for row in rows if row.code not in known])


def _add(model: type[Recorded], rows: list[Any]) -> list[Any]:
    created = model._default_manager.bulk_create(rows)
    model.history.bulk_history_create(created, default_change_reason=_("Set up"))
    return created
