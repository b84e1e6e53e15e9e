"""Customers with their addresses, contacts and own item codes."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from o2c.core import codes
from o2c.masters.models.base import Coded, CurrencyCodeField, PostalAddress, Recorded
from o2c.masters.models.items import Item
from o2c.masters.models.prices import PriceList
from o2c.masters.models.tax import TaxProfile
from o2c.masters.models.terms import PaymentTerms


class PoPolicy(models.TextChoices):
    """What to do when a customer's purchase order number comes a second time."""

    REFUSE = "refuse", _("Refuse")
    WARN = "warn", _("Warn")
    ALLOW = "allow", _("Allow")


class BillingPolicy(models.TextChoices):
    """Which quantity is billed."""

    DISPATCHED = "dispatched", _("When dispatched")
    DELIVERED = "delivered", _("When delivered")


class DeliveryPolicy(models.TextChoices):
    """Whether an order may go out in parts."""

    PARTIAL = "partial", _("In parts")
    COMPLETE = "complete", _("Complete only")


class InvoiceChannel(models.TextChoices):
    """How invoices reach the customer."""

    EMAIL = "email", _("E-mail")
    PRINT = "print", _("Print")
    NONE = "none", _("None")


class AddressKind(models.TextChoices):
    SHIP_TO = "ship_to", _("Ship to")
    BILL_TO = "bill_to", _("Bill to")
    BOTH = "both", _("Ship and bill to")


class ContactRole(models.TextChoices):
    PURCHASING = "purchasing", _("Purchasing")
    ACCOUNTS_PAYABLE = "accounts_payable", _("Accounts payable")
    LOGISTICS = "logistics", _("Logistics")
    DUNNING = "dunning", _("Dunning")


class Customer(Coded):
    """The sold-to party. Another customer may get the bill (`bill_to`) or pay it (`payer`)."""

    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    vat_id = models.CharField(_("VAT id"), max_length=20, blank=True)
    registration = models.CharField(_("register entry"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    currency = CurrencyCodeField()
    terms = models.ForeignKey(
        PaymentTerms, models.PROTECT, related_name="+", verbose_name=_("payment terms")
    )
    price_list = models.ForeignKey(
        PriceList,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("price list"),
    )
    tax_profile = models.ForeignKey(
        TaxProfile, models.PROTECT, related_name="+", verbose_name=_("tax profile")
    )
    bill_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("bill to"),
        help_text=_("Empty: the customer itself."),
    )
    payer = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pays_for",
        verbose_name=_("payer"),
        help_text=_("Empty: the customer itself."),
    )
    po_policy = models.CharField(
        _("purchase order number again"), max_length=10, choices=PoPolicy, default=PoPolicy.REFUSE
    )
    reference_required = models.BooleanField(
        _("invoices need its order number"),
        default=False,
        help_text=_("No invoice is posted without the customer's order number."),
    )
    billing_policy = models.CharField(
        _("billing"), max_length=10, choices=BillingPolicy, default=BillingPolicy.DISPATCHED
    )
    delivery_policy = models.CharField(
        _("delivery"), max_length=10, choices=DeliveryPolicy, default=DeliveryPolicy.PARTIAL
    )
    invoice_channel = models.CharField(
        _("invoice by"), max_length=10, choices=InvoiceChannel, default=InvoiceChannel.EMAIL
    )
    note = models.TextField(_("note"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            *Coded.Meta.constraints,
            models.UniqueConstraint(
                # Stored without blanks and in capitals, so that a second spelling is no second id.
                fields=["vat_id"],
                condition=~Q(vat_id=""),
                name="masters_customer_vat_id_once",
                violation_error_message=_("Another customer has this VAT id."),
            ),
            models.CheckConstraint(
                condition=Q(vat_id__regex=r"^[A-Z0-9]*$"), name="masters_customer_vat_id_compact"
            ),
            models.CheckConstraint(
                condition=Q(bill_to__isnull=True) | ~Q(bill_to=F("id")),
                name="masters_customer_bill_to_other",
                violation_error_message=_("Leave “bill to” empty for the customer itself."),
            ),
            models.CheckConstraint(
                condition=Q(payer__isnull=True) | ~Q(payer=F("id")),
                name="masters_customer_payer_other",
                violation_error_message=_("Leave “payer” empty for the customer itself."),
            ),
            models.CheckConstraint(
                condition=Q(po_policy__in=PoPolicy.values), name="masters_customer_po_policy_known"
            ),
            models.CheckConstraint(
                condition=Q(billing_policy__in=BillingPolicy.values),
                name="masters_customer_billing_policy_known",
            ),
            models.CheckConstraint(
                condition=Q(delivery_policy__in=DeliveryPolicy.values),
                name="masters_customer_delivery_policy_known",
            ),
            models.CheckConstraint(
                condition=Q(invoice_channel__in=InvoiceChannel.values),
                name="masters_customer_invoice_channel_known",
            ),
        ]

    @property
    def billed_party(self) -> "Customer":
        """Who gets the invoice."""
        return self.bill_to or self

    @property
    def paying_party(self) -> "Customer":
        """Who owes the money."""
        return self.payer or self

    @property
    def ship_to_address(self) -> "Address | None":
        """The default delivery address; of the `addresses` prefetched, if they are."""
        return self._default_address(AddressKind.SHIP_TO)

    @property
    def bill_to_address(self) -> "Address | None":
        """The default billing address of this customer, else its delivery address."""
        return self._default_address(AddressKind.BILL_TO) or self.ship_to_address

    def _default_address(self, kind: str) -> "Address | None":
        fit = [a for a in self.addresses.all() if a.active and a.kind in (kind, AddressKind.BOTH)]
        return min(fit, key=lambda a: (not a.is_default, a.pk), default=None)


class Address(Recorded, PostalAddress):
    """Where a customer gets goods or mail. `code` names it within the customer."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="addresses", verbose_name=_("customer")
    )
    code = models.CharField(_("code"), max_length=40, default="MAIN")
    kind = models.CharField(_("kind"), max_length=10, choices=AddressKind, default=AddressKind.BOTH)
    name = models.CharField(_("name"), max_length=200)
    gln = models.CharField(_("GLN"), max_length=13, blank=True)
    instructions = models.CharField(_("delivery instructions"), max_length=500, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            *PostalAddress.Meta.constraints,
            codes.once(
                "masters_address_code_once",
                "customer",
                sentence=_("The customer has an address with this code."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=AddressKind.values), name="masters_address_kind_known"
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_default=True, active=True, kind__in=["ship_to", "both"]),
                name="masters_address_one_default_ship_to",
                violation_error_message=_("The customer has a default delivery address."),
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_default=True, active=True, kind__in=["bill_to", "both"]),
                name="masters_address_one_default_bill_to",
                violation_error_message=_("The customer has a default billing address."),
            ),
        ]

    def __str__(self) -> str:
        return ", ".join([self.name, *self.address_lines])

    def snapshot(self) -> dict[str, str]:
        """The address as documents freeze it, JSON-ready."""
        fields = ("code", "name", "street", "street2", "postcode", "city", "region", "country")
        return {field: getattr(self, field) for field in (*fields, "gln", "instructions")}


class Contact(Recorded):
    """A person or desk at the customer, reachable for one role."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="contacts", verbose_name=_("customer")
    )
    role = models.CharField(_("role"), max_length=20, choices=ContactRole)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "role", "name"],
                name="masters_contact_once",
                violation_error_message=_("The customer has this contact."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=ContactRole.values), name="masters_contact_role_known"
            ),
            models.CheckConstraint(
                condition=~Q(email="", phone=""),
                name="masters_contact_reachable",
                violation_error_message=_("A contact needs an e-mail address or a phone number."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerItem(Recorded):
    """The customer's own code and name for one of our items."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="item_codes", verbose_name=_("customer")
    )
    item = models.ForeignKey(
        Item, models.PROTECT, related_name="customer_codes", verbose_name=_("item")
    )
    code = models.CharField(_("customer's code"), max_length=40)
    name = models.CharField(_("customer's name for it"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("customer's item")
        verbose_name_plural = _("customer's items")
        constraints = [
            codes.once(
                "masters_customeritem_code_once",
                "customer",
                sentence=_("The customer uses this code for another item."),
            ),
            models.UniqueConstraint(
                fields=["customer", "item"],
                name="masters_customeritem_item_once",
                violation_error_message=_("The customer has a code for this item."),
            ),
            models.CheckConstraint(condition=~Q(code=""), name="masters_customeritem_code_given"),
        ]

    def __str__(self) -> str:
        return f"{self.customer.code}: {self.code} = {self.item.code}"
