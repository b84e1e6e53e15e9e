"""Proposing credit notes: by quantity, by amount, in full, or for goods that came back."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from invoicing import queries
from invoicing.commands.locking import lock_invoice
from invoicing.models import CreditKind, Invoice, InvoiceKind, InvoiceLine, InvoiceState, TaxLine
from invoicing.rules.billing import BilledLine
from invoicing.rules.crediting import Credit, CreditedLine, TooMuch, amount_for_quantity, credit
from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows
from o2c.core.commands import command, lock_where
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import ZERO, minor_units, round_to
from o2c.core.transitions import begin
from o2c.web.formats import money_text, number_text
from orders.commands.locking import lock_order_of
from shipping.models import Return

#: These take billed quantities back; the others give an amount back and leave quantities alone.
QUANTITY_KINDS = (CreditKind.RETURN, CreditKind.CORRECTION)
NO_CLAIM = queries.Claim(ZERO, ZERO)


class Wanted(NamedTuple):
    """What to take back of an invoice line: a quantity, or (quantity 0) an amount."""

    quantity: Decimal = ZERO
    amount: Decimal = ZERO
    return_line_id: int | None = None


@command
def draft_credit_note(
    invoice_id: int,
    *,
    kind: str,
    reason: str,
    actor: Actor,
    quantities: Mapping[int, Decimal] | None = None,
    amounts: Mapping[int, Decimal] | None = None,
) -> Invoice:
    """Propose a credit note over lines of a posted invoice, for another person to approve.

    `quantities` (kinds return and correction) or `amounts` in the invoice's price basis (kinds
    price and goodwill) by invoice line; neither: all that is left. Raises RuleViolation when more
    is asked than is left, proposals of others counted.
    """
    require(actor, "invoicing.draft_credit_note")
    if not reason.strip():
        raise RuleViolation(_("Say why the customer gets a credit."), field="reason")
    invoice = lock_invoice(lock_order_of(Invoice, invoice_id), invoice_id)
    if invoice.is_credit_note or invoice.state != InvoiceState.POSTED:
        raise RuleViolation(_("Only a posted invoice can be credited."))
    lines = _lines_of(invoice)
    claims = queries.proposed_credits([invoice.pk])
    wanted = _wanted(invoice, lines, claims, kind, quantities, amounts)
    if kind == CreditKind.RETURN:
        _refuse_not_returned(lines, wanted, claims)
    return propose(invoice, lines, claims, wanted, kind=kind, reason=reason.strip(), actor=actor)


def propose(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    claims: Mapping[int, queries.Claim],
    wanted: Mapping[int, Wanted],
    *,
    kind: str,
    reason: str,
    actor: Actor,
    goods_return: Return | None = None,
) -> Invoice:
    """Write the proposal over a locked invoice."""
    figures = credited_figures(invoice, lines, claims, wanted)
    note = _begin_note(invoice, figures, len(wanted), kind, reason, goods_return, actor)
    chosen = [pair for pair in zip(lines, figures.lines, strict=True) if pair[0].pk in wanted]
    insert_rows(
        _mirrored(note, number, line, billed, wanted[line.pk])
        for number, (line, billed) in enumerate(chosen, start=1)
    )
    reasons = {(t.category, t.percent): t for t in queries.tax_lines_of(invoice.pk)}
    insert_rows(
        TaxLine(
            invoice=note,
            reason=reasons[group[:2]].reason,
            reason_code=reasons[group[:2]].reason_code,
            discount=discount.net,
            discount_tax=discount.tax,
            **group._asdict(),
        )
        for group, discount in zip(figures.totals.tax_lines, figures.discounts, strict=True)
    )
    return note


def _begin_note(
    invoice: Invoice,
    figures: Credit,
    line_count: int,
    kind: str,
    reason: str,
    goods_return: Return | None,
    actor: Actor,
) -> Invoice:
    """The head of a proposal: the invoice's parties and rate, its own figures."""
    net, tax, gross, _tax_lines = figures.totals
    return begin(
        Invoice(
            kind=InvoiceKind.CREDIT_NOTE,
            state=InvoiceState.PROPOSED,
            goods_return=goods_return,
            **{name: getattr(invoice, name) for name in _INHERITED},
            invoice_date=clock.today(),
            net=net,
            tax=tax,
            gross=gross,
            line_count=line_count,
            corrects=invoice,
            credit_kind=kind,
            reason=reason,
            discount_carried=figures.discount.gross,
            discount_tax_carried=figures.discount.tax,
        ),
        actor=actor,
        event="proposed",
        invoice=invoice.number,
        kind=kind,
        reason=reason,
        gross=gross,
        currency=invoice.currency,
    )


#: What a credit note takes over from its invoice.
_INHERITED = (
    *("order_id", "shipment_id", "customer_id", "bill_to_id", "payer_id", "terms_id"),
    *("currency", "exchange_rate", "tax_included", "untaxed_percent", "delivery_date"),
)
_INHERITED_BY_LINES = (
    *("order_line_id", "shipment_line_id", "item_code", "description", "unit_id", "unit_price"),
    *("price_per", "discount_percent", "tax_category", "tax_percent", "unit_cost"),
)


def _mirrored(
    note: Invoice, number: int, line: InvoiceLine, billed: BilledLine, wanted: Wanted
) -> InvoiceLine:
    """The line of a credit note that takes back `billed` of an invoice line."""
    return InvoiceLine(
        invoice=note,
        line_number=number,
        corrects_line=line,
        return_line_id=wanted.return_line_id,
        quantity=wanted.quantity,
        **{name: getattr(line, name) for name in _INHERITED_BY_LINES},
        **billed._asdict(),
    )


def credited_figures(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    claims: Mapping[int, queries.Claim],
    wanted: Mapping[int, Wanted],
) -> Credit:
    """The figures of crediting `wanted`, after what is credited already and claimed by others.

    `lines` are all lines of the invoice. Raises RuleViolation naming every line that gives less.
    """
    credited, faults = [], []
    for line in lines:
        claim = claims.get(line.pk, NO_CLAIM)
        now = ZERO
        try:
            now = _amount(line, claim, wanted.get(line.pk, Wanted()), invoice.currency)
        except TooMuch as error:
            faults.append(_too_much(invoice, line, wanted[line.pk], error.left))
        credited.append(
            CreditedLine(
                line.tax_category,
                line.tax_percent,
                line.charged,
                line.net,
                line.credited_amount + claim.amount,
                now,
                claim.amount,
            )
        )
    refuse_if(faults)
    return credit(
        credited,
        invoice.currency,
        tax_included=invoice.tax_included,
        untaxed_percent=invoice.untaxed_percent,
        discount=invoice.discount_left,
    )


def _lines_of(invoice: Invoice) -> list[InvoiceLine]:
    return lock_where(InvoiceLine, invoice_id=invoice.pk, related=("shipment_line",))


def _wanted(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    claims: Mapping[int, queries.Claim],
    kind: str,
    quantities: Mapping[int, Decimal] | None,
    amounts: Mapping[int, Decimal] | None,
) -> dict[int, Wanted]:
    """What is asked for, checked against the kind; all that is left when nothing is."""
    if kind not in CreditKind.values:
        raise RuleViolation(_("Choose why the customer gets a credit."), field="kind")
    by_quantity = kind in QUANTITY_KINDS
    if amounts if by_quantity else quantities:
        raise RuleViolation(
            _("For this reason quantities are credited, not amounts.")
            if by_quantity
            else _("For this reason amounts are credited, not quantities."),
            field="kind",
        )
    asked = quantities if by_quantity else amounts
    if asked is None:
        asked = {line.pk: _left(line, claims, by_quantity) for line in lines}
    asked = {pk: figure for pk, figure in asked.items() if figure}
    unknown = set(asked) - {line.pk for line in lines}
    if unknown:
        raise RuleViolation(_("The invoice has no such line."))
    _refuse_bad_figures(invoice, asked, by_quantity)
    if not asked:
        raise RuleViolation(_("Nothing is to be credited."))
    return {pk: Wanted(f, ZERO) if by_quantity else Wanted(ZERO, f) for pk, f in asked.items()}


def _left(line: InvoiceLine, claims: Mapping[int, queries.Claim], by_quantity: bool) -> Decimal:
    claim = claims.get(line.pk, NO_CLAIM)
    if by_quantity:
        return line.creditable_quantity - claim.quantity
    return line.creditable_amount - claim.amount


def _refuse_bad_figures(invoice: Invoice, asked: Mapping[int, Decimal], by_quantity: bool) -> None:
    places = 3 if by_quantity else minor_units(invoice.currency)
    field = "quantity" if by_quantity else "amount"
    refuse_if(
        [
            RuleViolation(
                _("Enter a figure greater than zero with at most %(places)s decimals.")
                % {"places": places},
                field=f"{field}_{pk}",
            )
            for pk, figure in asked.items()
            if figure < 0 or round_to(figure, places) != figure
        ]
    )


def _amount(line: InvoiceLine, claim: queries.Claim, wanted: Wanted, currency: str) -> Decimal:
    """What a line gives back now, in the price basis. Raises TooMuch."""
    left = line.creditable_amount - claim.amount
    if wanted.quantity:
        left_quantity = line.creditable_quantity - claim.quantity
        return amount_for_quantity(wanted.quantity, left_quantity, left, currency)
    if wanted.amount > left:
        raise TooMuch(left)
    return wanted.amount


def _too_much(invoice: Invoice, line: InvoiceLine, wanted: Wanted, left: Decimal) -> RuleViolation:
    by_quantity = bool(wanted.quantity)
    figure = number_text(left) if by_quantity else money_text(left, invoice.currency)
    return RuleViolation(
        _("Line %(line)s: only %(left)s is left to be credited.") % {"line": line, "left": figure},
        field=f"{'quantity' if by_quantity else 'amount'}_{line.pk}",
    )


def _refuse_not_returned(
    lines: Sequence[InvoiceLine],
    wanted: Mapping[int, Wanted],
    claims: Mapping[int, queries.Claim],
) -> None:
    """Refuse to credit as returned what has not come back."""
    faults = []
    for line in lines:
        back = max(overbilled(line), ZERO) - claims.get(line.pk, NO_CLAIM).quantity
        if line.pk in wanted and wanted[line.pk].quantity > back:
            faults.append(
                RuleViolation(
                    _(
                        "Line %(line)s: %(back)s came back and is not credited. Record a return "
                        "first, or choose the correction of a wrong bill."
                    )
                    % {"line": line, "back": number_text(max(back, ZERO))},
                    field=f"quantity_{line.pk}",
                )
            )
    refuse_if(faults)


def overbilled(line: InvoiceLine) -> Decimal:
    """How much more of the shipment line is billed than the customer kept."""
    shipped = line.shipment_line
    return shipped.invoiced - (shipped.quantity - shipped.returned)
