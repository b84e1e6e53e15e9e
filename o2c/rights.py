"""Who may do what: roles and their rights, on one page.

A right is the verb's name, `<app>.<verb>_<noun>`; `<app>.view_<app>` opens a stage's pages.
Whatever is not listed is denied. Migrating writes this table into Django's groups. Duties that
must not meet in one person (`FORBIDDEN_PAIRS`) do not meet in one role either; a test sees to it.
`docs/rights.md` says where the table differs from the usual one.
"""

from o2c.core.roles import sync_roles

STAGES = [
    *("orders", "credit", "fulfillment", "shipping", "invoicing", "receivables"),
    *("reconciliation", "stock", "ledger", "masters"),
]


def views(*apps: str) -> list[str]:
    """The rights to open the pages of these apps."""
    return [f"{app}.view_{app}" for app in apps]


def rights(app: str, *verbs: str) -> list[str]:
    """`rights("orders", "hold_order")` -> `orders.hold_order`."""
    return [f"{app}.{verb}" for verb in verbs]


def masters(*models: str, verbs: tuple[str, ...] = ("add", "change")) -> list[str]:
    """The rights to write these masters."""
    return [f"masters.{verb}_{model}" for model in models for verb in verbs]


CATALOGUE = ["item", "itemcategory", "itemunit", "unit", "customeritem"]
CUSTOMERS = ["customer", "address", "contact"]
PRICES = ["pricelist", "pricelistitem"]
PLACES = ["warehouse", "location", "carrier", "carrierservice"]
FINANCE = [
    *("company", "currency", "exchangerate", "bankaccount", "paymentterms", "paymenttermsline"),
    *("taxcode", "taxrate", "taxprofile", "taxrule"),
]

#: What administrators look at in Django admin, where nobody changes it.
IN_ADMIN = {
    "orders": ["order", "orderline"],
    "credit": ["creditaccount", "creditauthority", "creditcheck", "creditlimit"],
    "fulfillment": ["package", "packageline", "pickline", "picklist"],
    "shipping": ["proofofdelivery", "return", "returnline", "shipment", "shipmentline"],
    "invoicing": ["invoice", "invoiceline", "taxline"],
    "receivables": [
        *("allocation", "bankfeed", "creditapplication", "dispute", "dunningexclusion"),
        *("dunningletter", "dunningnotice", "dunningrun", "openitem", "payment", "promise"),
        "writeoff",
    ],
    "reconciliation": ["bankline", "bankstatement", "match", "payeralias"],
    "stock": [
        *("balance", "expectedreceipt", "move", "reservation"),
        *("stockadjustment", "stockcount", "stockreceipt", "stocktransfer"),
    ],
    "ledger": ["entry", "line", "period"],
    "core": ["attachment", "delivery", "event", "jobrun", "numberseries", "outgoingmessage"],
}

RIGHTS: dict[str, list[str]] = {
    "sales clerk": [
        *views("orders", "credit", "fulfillment", "shipping", "invoicing", "receivables"),
        *views("stock", "masters"),
        *rights(
            "orders", "capture_order", "edit_order", "submit_order", "confirm_order",
            "hold_order", "resume_order", "amend_order", "cancel_order", "promise_order",
            "reopen_order", "override_price", "import_orders",
        ),
        *rights("shipping", "announce_return"),
        *rights("invoicing", "draft_credit_note"),
        *rights("receivables", "open_dispute", "record_promise"),
        *masters(*CUSTOMERS, "customeritem"),
        *masters("address", "contact", verbs=("delete",)),
        "core.attach_file",
    ],
    "credit manager": [
        *views("orders", "credit", "invoicing", "receivables", "masters"),
        *rights(
            "credit", "open_account", "set_limit", "classify_account", "clear_account",
            "block_account", "unblock_account", "approve_check", "reject_check", "recheck_check",
        ),
        *rights("orders", "release_order"),
        *rights("receivables", "set_dunning_profile"),
        "core.attach_file",
    ],
    "warehouse picker": [
        *views("fulfillment", "shipping", "stock"),
        *rights(
            "fulfillment", "plan_pick_list", "start_pick_list", "put_back_pick_list",
            "confirm_pick_list", "pack_pick_list", "cancel_pick_list",
        ),
        *rights("shipping", "receive_return"),
        *rights("stock", "receive_goods", "transfer_stock", "count_stock"),
    ],
    "shipping clerk": [
        *views("orders", "fulfillment", "shipping", "stock"),
        *rights("fulfillment", "pack_pick_list", "unpack_pick_list"),
        *rights(
            "shipping", "plan_shipment", "set_carrier_shipment", "dispatch_shipment",
            "deliver_shipment", "cancel_shipment", "announce_return", "receive_return",
            "cancel_return",
        ),
        *masters("carrier", "carrierservice"),
        "core.attach_file",
    ],
    "billing clerk": [
        *views("orders", "credit", "shipping", "invoicing", "receivables", "stock", "masters"),
        *rights(
            "invoicing", "draft_invoice", "post_invoice", "cancel_invoice", "send_invoice",
            "draft_credit_note",
        ),
        *rights("receivables", "open_dispute", "record_promise"),
        *rights("core", "view_outbox", "resend_message", "confirm_message", "attach_file"),
    ],
    "collector": [
        *views("orders", "credit", "shipping", "invoicing", "receivables", "masters"),
        *rights(
            "receivables", "open_dispute", "resolve_dispute", "record_promise",
            "withdraw_promise", "pause_dunning", "propose_dunning", "drop_letter",
            "discard_dunning_run", "request_write_off",
        ),
        *rights("invoicing", "send_invoice", "draft_credit_note"),
        *masters("contact"),
        *rights("core", "view_outbox", "resend_message", "attach_file"),
    ],
    "cash clerk": [
        *views("credit", "invoicing", "receivables", "reconciliation", "masters"),
        *rights(
            "receivables", "record_payment", "assign_payment", "ask_payment", "allocate_payment",
            "reverse_allocation", "reverse_payment", "return_payment", "apply_credit_application",
            "reverse_credit_application", "request_write_off",
        ),
        *rights(
            "reconciliation", "import_bank_statement", "match_bank_statement", "apply_match",
            "dismiss_match", "choose_match", "undo_match", "ignore_bank_line",
        ),
        "core.attach_file",
    ],
    "controller": [
        *views(*STAGES),
        *rights("invoicing", "approve_invoice"),
        *rights(
            "receivables", "approve_payment", "reject_payment",
            "approve_write_off", "reject_write_off", "reverse_write_off",
            "approve_dunning_run", "discard_dunning_run", "set_dunning_profile", "take_over_items",
        ),
        *rights("reconciliation", "accept_bank_statement", "reconcile_bank_statement"),
        *rights("ledger", "open_period", "close_period", "reopen_period"),
        *rights("ledger", "add_account", "change_account"),
        *rights("stock", "adjust_stock"),
        *rights("credit", "set_authority"),
        *masters(*CATALOGUE, *PRICES, *PLACES, *FINANCE),
        *masters("pricelistitem", "itemunit", "taxrate", "taxrule", verbs=("delete",)),
        *rights("receivables", "add_dunningpolicy", "add_dunninglevel"),
        *rights("desk", "found_company", "view_verification"),
        *rights("core", "view_outbox", "attach_file"),
    ],
    "auditor": [*views(*STAGES), *rights("core", "view_outbox"), "desk.view_verification"],
    "administrator": [
        *views("masters"),
        *rights("core", "add_user", "change_user", "view_user", "view_outbox", "resend_message"),
        *rights("auth", "view_group"),
        *rights("desk", "view_stuck_work", "retry_delivery"),
        *masters("company", *PLACES),
        *rights(
            "receivables", "add_dunningpolicy", "change_dunningpolicy", "add_dunninglevel",
            "change_dunninglevel", "delete_dunninglevel",
        ),
        *[f"{app}.view_{model}" for app, models in IN_ADMIN.items() for model in models],
    ],
    "portal user": [],
}  # fmt: skip

#: Duties no one person may hold both of (segregation of duties).
FORBIDDEN_PAIRS = [
    ("credit.set_limit", "orders.capture_order"),
    ("orders.capture_order", "credit.approve_check"),
    ("masters.change_customer", "receivables.record_payment"),
    ("orders.capture_order", "shipping.dispatch_shipment"),
    ("orders.capture_order", "invoicing.post_invoice"),
    ("invoicing.post_invoice", "receivables.record_payment"),
    ("receivables.record_payment", "receivables.approve_payment"),
    ("receivables.record_payment", "receivables.approve_write_off"),
    ("receivables.record_payment", "invoicing.approve_invoice"),
    ("reconciliation.import_bank_statement", "reconciliation.reconcile_bank_statement"),
    ("receivables.request_write_off", "receivables.approve_write_off"),
    ("invoicing.draft_credit_note", "invoicing.approve_invoice"),
    ("core.change_user", "orders.capture_order"),
    ("core.change_user", "receivables.record_payment"),
    ("core.change_user", "invoicing.post_invoice"),
]


def write_rights(**_: object) -> None:
    """Signal receiver: after each migrate the groups say what this table says."""
    sync_roles(RIGHTS)
