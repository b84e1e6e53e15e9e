"""The rail, on one page: what a reader may open, in the order of the process.

URLs and rights are names, so this page imports no stage. Without a right of its own an entry
needs the one to view its stage.
"""

from django.utils.translation import gettext_lazy as _

from o2c.web.navigation import Entry, Group

NAVIGATION = [
    Group(
        _("Work"),
        [
            Entry(_("Home"), "desk:home", "house", "h", everyone=True),
            Entry(
                _("Stuck work"),
                "desk:stuck_work",
                "octagon-alert",
                permission="desk.view_stuck_work",
            ),
        ],
    ),
    Group(
        _("Sell"),
        [
            Entry(_("Orders"), "orders:order_list", "file-text", "o"),
            Entry(_("Credit checks"), "credit:check_list", "shield-check", "c"),
            Entry(_("Credit accounts"), "credit:account_list", "gauge"),
        ],
    ),
    Group(
        _("Fulfil"),
        [
            Entry(_("Pick lists"), "fulfillment:pick_list_list", "list-checks", "p"),
            Entry(_("Backorders"), "fulfillment:backorder_list", "clock"),
            Entry(_("Shipments"), "shipping:shipment_list", "truck", "s"),
            Entry(_("Returns"), "shipping:return_list", "undo-2"),
            Entry(_("Stock"), "stock:balance_list", "boxes", "k"),
        ],
    ),
    Group(
        _("Bill"),
        [
            Entry(_("Invoices"), "invoicing:invoice_list", "receipt-text", "i"),
            Entry(_("Outbox"), "invoicing:message_list", "mail", permission="core.view_outbox"),
        ],
    ),
    Group(
        _("Collect"),
        [
            Entry(_("Open items"), "receivables:open_item_list", "circle-dot"),
            Entry(_("Payments"), "receivables:payment_list", "banknote"),
            Entry(_("Dunning"), "receivables:dunning_run_list", "bell-ring", "d"),
            Entry(_("Write-offs"), "receivables:write_off_list", "scissors"),
            Entry(_("Bank statements"), "reconciliation:bank_statement_list", "landmark", "b"),
            Entry(_("Bank lines"), "reconciliation:bank_line_list", "arrow-left-right"),
        ],
    ),
    Group(
        _("Report"),
        [
            Entry(_("Aging"), "receivables:aging", "calendar-clock", "a"),
            Entry(_("Four-way match"), "reconciliation:order_match_list", "check-check"),
            Entry(_("Trial balance"), "ledger:trial_balance", "scale"),
            Entry(_("Journal"), "ledger:entry_list", "book-open"),
            Entry(
                _("Verification"),
                "desk:verification",
                "badge-check",
                permission="desk.view_verification",
            ),
        ],
    ),
    Group(
        _("Masters"),
        [
            Entry(_("Customers"), "masters:customer_list", "building-2", "u"),
            Entry(_("Items"), "masters:item_list", "tag"),
            Entry(_("Price lists"), "masters:price_list_list", "badge-euro"),
            Entry(_("All masters"), "masters:home", "database"),
        ],
    ),
]
