"""Who may open which page: the URL's name, the right to look, the right to act.

`tests/test_permission_matrix.py` walks every URL for every role and method, and fails on a URL that
is not here. None: the method is not for this page (405). PUBLIC: no login; ANYONE: every signed-in
reader.
"""

from typing import NamedTuple

PUBLIC, ANYONE = "public", "anyone"
UNTRIED = "untried"  # the look of a verb's page that depends on the document


class Page(NamedTuple):
    """The rights of one URL. `act` None means that POST is refused as a method."""

    look: str | None
    act: str | None = None


def _stage(app: str, **pages: Page | str) -> dict[str, Page]:
    """Pages of one app; a bare string is the right for both, "" is the stage's view right."""
    view = f"{app}.view_{app}"
    table = {}
    for name, page in pages.items():
        if page == "":
            page = Page(view)
        table[f"{app}:{name}"] = page if isinstance(page, Page) else Page(page, page)
    return table


_MASTERS = {
    "currency": "currency", "exchange_rate": "exchangerate", "bank_account": "bankaccount",
    "unit": "unit", "item_category": "itemcategory", "item": "item", "item_unit": "itemunit",
    "tax_code": "taxcode", "tax_rate": "taxrate", "tax_profile": "taxprofile",
    "tax_rule": "taxrule", "payment_terms": "paymentterms",
    "payment_terms_line": "paymenttermsline", "price_list": "pricelist",
    "price_list_item": "pricelistitem", "customer": "customer", "address": "address",
    "contact": "contact", "customer_item": "customeritem", "warehouse": "warehouse",
    "location": "location", "carrier": "carrier", "carrier_service": "carrierservice",
}  # fmt: skip


def _masters() -> dict[str, Page]:
    view = "masters.view_masters"
    table = {
        "masters:home": Page(view),
        "masters:company_detail": Page(view),
        "masters:company_edit": Page("masters.change_company", "masters.change_company"),
    }
    for noun, model in _MASTERS.items():
        table |= {
            f"masters:{noun}_list": Page(view),
            f"masters:{noun}_detail": Page(view),
            f"masters:{noun}_new": Page(f"masters.add_{model}", f"masters.add_{model}"),
            f"masters:{noun}_import": Page(f"masters.add_{model}", f"masters.add_{model}"),
            f"masters:{noun}_edit": Page(f"masters.change_{model}", f"masters.change_{model}"),
            f"masters:{noun}_remove": Page(f"masters.delete_{model}", f"masters.delete_{model}"),
        }
    return table


PAGES: dict[str, Page] = {
    "healthz": Page(PUBLIC),
    "readyz": Page(PUBLIC),
    "web:help": Page(ANYONE),
    "web:preferences": Page(None, PUBLIC),
    # the right is that of the document the file belongs to
    "web:attach": Page(UNTRIED, UNTRIED),
    "web:file": Page(UNTRIED),
    "desk:home": Page(ANYONE),
    "desk:found_company": Page("desk.found_company", "desk.found_company"),
    "desk:search": Page(ANYONE),
    "desk:verification": Page("desk.view_verification", "desk.view_verification"),
    "desk:stuck_work": Page("desk.view_stuck_work"),
    "desk:stuck_work_detail": Page("desk.view_stuck_work"),
    **_masters(),
    **_stage(
        "stock",
        balance_list="", item_stock="", expected_receipt_list="", expected_receipt_detail="",
        stock_receipt_list="", stock_receipt_detail="", stock_transfer_list="",
        stock_transfer_detail="", stock_adjustment_list="", stock_adjustment_detail="",
        stock_count_list="", stock_count_detail="",
        stock_import="stock.receive_goods", expected_receipt_new="stock.receive_goods",
        stock_receipt_new="stock.receive_goods",
        stock_transfer_new="stock.transfer_stock", stock_adjustment_new="stock.adjust_stock",
        stock_count_new="stock.count_stock",
    ),
    **_stage(
        "ledger",
        trial_balance="", account_list="", account_detail="", entry_list="", entry_detail="",
        period_list="", period_detail="", period_new="ledger.open_period",
        account_new="ledger.add_account", account_edit="ledger.change_account",
    ),
    **_stage(
        "orders",
        order_list="", order_detail="", order_new="orders.capture_order",
        order_import="orders.import_orders", order_edit="orders.edit_order",
        order_amend="orders.amend_order",
    ),
    **_stage(
        "credit", check_list="", check_detail="", account_list="", account_detail="",
        account_new="credit.open_account", authority_list="credit.set_authority",
    ),
    **_stage(
        "fulfillment",
        pick_list_list="", pick_list_detail="", package_list="", backorder_list="",
        count_request_list="", floor_home="",
        plan_again="fulfillment.plan_pick_list",
        floor_next=Page(None, "fulfillment.start_pick_list"),
        floor_start=Page(None, "fulfillment.start_pick_list"),
        floor_pick=Page("fulfillment.view_fulfillment", "fulfillment.confirm_pick_list"),
    ),
    **_stage(
        "shipping",
        shipment_list="", shipment_detail="", packing_slip="", bill_of_lading="",
        return_list="", return_detail="", shipment_new="shipping.plan_shipment",
    ),
    **_stage(
        "invoicing",
        invoice_list="", invoice_detail="", invoice_pdf="",
        invoice_new="invoicing.draft_invoice", drafts_post="invoicing.post_invoice",
        message_list=Page("core.view_outbox"), message_detail=Page("core.view_outbox"),
    ),
    **_stage(
        "receivables",
        open_item_list="", open_item_detail="", payment_list="", payment_detail="",
        payment_new="receivables.record_payment",
        open_item_import="receivables.take_over_items", aging="", aging_items="",
        credit_application_list="", credit_application_detail="", customer_account="",
        statement_pdf="", dispute_list="", dispute_detail="", promise_list="", promise_detail="",
        dunning_run_list="", dunning_run_detail="", dunning_letter="", dunning_letter_pdf="",
        dunning_run_new="receivables.propose_dunning", write_off_list="", write_off_detail="",
    ),
    **_stage(
        "reconciliation",
        bank_statement_list="", bank_statement_detail="", bank_line_list="",
        bank_line_detail="", match_list="", match_detail="",
        bank_statement_import="reconciliation.import_bank_statement",
        apply_exact="reconciliation.apply_match",
        bank_line_choose="reconciliation.choose_match",
        order_match_list="", order_match_detail="",
    ),
}  # fmt: skip

#: The verbs of each act URL and the right each needs.
VERBS: dict[str, dict[str, str]] = {
    "credit:account_act": {
        "set_limit": "credit.set_limit",
        "unblock": "credit.unblock_account",
        "clear": "credit.clear_account",
        "classify": "credit.classify_account",
        "block": "credit.block_account",
    },
    "credit:check_act": {
        "approve": "credit.approve_check",
        "recheck": "credit.recheck_check",
        "reject": "credit.reject_check",
    },
    "desk:stuck_work_act": {"retry": "desk.retry_delivery"},
    "fulfillment:pick_list_act": {
        "start": "fulfillment.start_pick_list",
        "confirm": "fulfillment.confirm_pick_list",
        "pack": "fulfillment.pack_pick_list",
        "put_back": "fulfillment.put_back_pick_list",
        "cancel": "fulfillment.cancel_pick_list",
    },
    "invoicing:invoice_pdf_act": {"restore": "invoicing.send_invoice"},
    "invoicing:message_act": {
        "resend": "core.resend_message",
        "confirm": "core.confirm_message",
    },
    "ledger:period_act": {
        "close": "ledger.close_period",
        "reopen": "ledger.reopen_period",
    },
    "orders:order_act": {
        "submit": "orders.submit_order",
        "confirm": "orders.confirm_order",
        "edit": "orders.edit_order",
        "resume": "orders.resume_order",
        "amend": "orders.amend_order",
        "promise": "orders.promise_order",
        "hold": "orders.hold_order",
        "reopen": "orders.reopen_order",
        "cancel": "orders.cancel_order",
    },
    "receivables:credit_application_act": {
        "reverse": "receivables.reverse_credit_application",
    },
    "receivables:customer_act": {
        "dunning": "receivables.set_dunning_profile",
        "pause": "receivables.pause_dunning",
        "resume": "receivables.pause_dunning",
    },
    "receivables:dispute_act": {
        "resolve": "receivables.resolve_dispute",
    },
    "receivables:dunning_run_act": {
        "approve": "receivables.approve_dunning_run",
        "drop_letter": "receivables.drop_letter",
        "discard": "receivables.discard_dunning_run",
    },
    "receivables:open_item_act": {
        "promise": "receivables.record_promise",
        "dispute": "receivables.open_dispute",
        "write_off": "receivables.request_write_off",
        "apply_credit": "receivables.apply_credit_application",
    },
    "receivables:payment_act": {
        "assign": "receivables.assign_payment",
        "approve": "receivables.approve_payment",
        "reject": "receivables.reject_payment",
        "allocate": "receivables.allocate_payment",
        "allocate_oldest_first": "receivables.allocate_payment",
        "take_back": "receivables.reverse_allocation",
        "return": "receivables.return_payment",
        "reverse": "receivables.reverse_payment",
    },
    "receivables:promise_act": {
        "withdraw": "receivables.withdraw_promise",
    },
    "receivables:write_off_act": {
        "approve": "receivables.approve_write_off",
        "reject": "receivables.reject_write_off",
        "reverse": "receivables.reverse_write_off",
    },
    "reconciliation:bank_line_act": {
        "ignore": "reconciliation.ignore_bank_line",
        "reopen": "reconciliation.ignore_bank_line",
        "join": "reconciliation.apply_match",
        "return": "reconciliation.apply_match",
    },
    "reconciliation:bank_statement_act": {
        "match": "reconciliation.match_bank_statement",
        "reconcile": "reconciliation.reconcile_bank_statement",
        "accept": "reconciliation.accept_bank_statement",
    },
    "reconciliation:match_act": {
        "apply": "reconciliation.apply_match",
        "dismiss": "reconciliation.dismiss_match",
        "undo": "reconciliation.undo_match",
    },
    "shipping:return_act": {
        "receive": "shipping.receive_return",
        "cancel": "shipping.cancel_return",
    },
    "stock:expected_receipt_act": {
        "receive": "stock.receive_goods",
        "reschedule": "stock.receive_goods",
        "cancel": "stock.receive_goods",
    },
    "shipping:shipment_act": {
        "dispatch": "shipping.dispatch_shipment",
        "deliver": "shipping.deliver_shipment",
        "set_carrier": "shipping.set_carrier_shipment",
        "announce_return": "shipping.announce_return",
        "cancel": "shipping.cancel_shipment",
    },
}

#: Act URLs whose verbs are not a plain table of actions: verb -> right.
OWN_VERBS: dict[str, dict[str, str]] = {
    "invoicing:invoice_act": {
        "post": "invoicing.post_invoice",
        "approve": "invoicing.approve_invoice",
        "send": "invoicing.send_invoice",
        "credit": "invoicing.draft_credit_note",
        "bill_again": "invoicing.draft_invoice",
        "cancel": "invoicing.cancel_invoice",
    },
}
