"""The pages of receivables."""

from receivables.views.cases import (
    credit_application_act,
    credit_application_detail,
    credit_application_list,
    dispute_act,
    dispute_detail,
    dispute_list,
    promise_act,
    promise_detail,
    promise_list,
    write_off_act,
    write_off_detail,
    write_off_list,
)
from receivables.views.dunning import (
    dunning_letter,
    dunning_letter_pdf,
    dunning_run_act,
    dunning_run_detail,
    dunning_run_list,
    dunning_run_new,
)
from receivables.views.items import (
    open_item_act,
    open_item_detail,
    open_item_import,
    open_item_list,
)
from receivables.views.payments import payment_act, payment_detail, payment_list, payment_new
from receivables.views.reports import (
    aging,
    aging_items,
    customer_account,
    customer_act,
    statement_pdf,
)

__all__ = [
    "aging",
    "aging_items",
    "credit_application_act",
    "credit_application_detail",
    "credit_application_list",
    "customer_account",
    "customer_act",
    "dispute_act",
    "dispute_detail",
    "dispute_list",
    "dunning_letter",
    "dunning_letter_pdf",
    "dunning_run_act",
    "dunning_run_detail",
    "dunning_run_list",
    "dunning_run_new",
    "open_item_act",
    "open_item_detail",
    "open_item_import",
    "open_item_list",
    "payment_act",
    "payment_detail",
    "payment_list",
    "payment_new",
    "promise_act",
    "promise_detail",
    "promise_list",
    "statement_pdf",
    "write_off_act",
    "write_off_detail",
    "write_off_list",
]
