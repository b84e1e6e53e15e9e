"""Where each acceptance case is proven: the vectors of features.md 4b and the scenarios.

The numbers of the two lists overlap, so a test's name alone does not say which it means. A case
that is missing here is about something that is not built.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent

#: features.md 4b: inputs taken from other people's threads, and what must come out.
VECTORS = {
    "V1": "invoicing/test_rules_billing.py::test_v1_a_discount_is_taken_before_rounding",
    "V2": "invoicing/test_rules_billing.py::test_v2_tax_is_computed_once_per_group",
    "V3": "invoicing/test_rules_billing.py::test_v3_two_small_lines_are_one_group",
    "V4": "invoicing/test_rules_billing.py::test_v4_a_document_discount_lowers_the_tax",
    "V5": "invoicing/test_rules_billing.py::test_v5_a_currency_without_decimals_rounds_each_line",
    "V6": "invoicing/test_rules_billing.py::test_v6_the_price_basis_is_explicit",
    "V7": "core/test_money_rules.py::test_half_an_odd_order_goes_up_first_and_down_second",
    "V8": "invoicing/test_approve_credit_note.py"
    "::test_v8_a_full_credit_is_the_mirror_of_its_invoice_to_the_cent",
    "V9": "invoicing/test_rules_billing.py::test_v9_two_decimals_reach_the_total",
    "V10": "receivables/test_rules_discount.py"
    "::test_two_percent_of_100_plus_21_percent_has_three_lawful_results",
    "V11": "masters/test_rules_terms.py::test_the_due_date_follows_the_stated_order",
    "V12": "receivables/test_aging.py"
    "::test_what_is_open_is_as_old_as_its_due_date_not_as_its_payments",
    "V13": "receivables/test_aging.py"
    "::test_a_statement_of_april_does_not_know_what_was_applied_in_may",
    "V14": "receivables/test_allocate_payment.py"
    "::test_an_advance_of_half_at_another_rate_realises_the_difference_once",
    "V15": "shipping/test_scenarios.py::test_v15_order_of_ten_pick_five_and_the_rest_waits",
    "V16": "invoicing/test_draft_credit_for_return.py"
    "::test_v16_unbilled_goods_that_came_back_are_neither_billed_nor_credited",
    "V17": "orders/test_rules_progress.py"
    "::test_v17_billing_above_the_order_price_leaves_the_rest_billable",
    "V18": "shipping/test_scenarios.py::test_a_line_of_millimetres_does_not_hide_two_pieces",
    "V19": "receivables/test_send_dunning_letter.py"
    "::test_fee_and_interest_are_a_claim_that_survives_the_principal",
    "V20": "concurrency/test_stock_races.py::test_ten_units_go_to_ten_of_twenty",
    "V22": "reconciliation/test_import_statement.py"
    "::test_two_equal_bookings_of_one_day_are_two_lines_however_often_they_come",
    "V23": "credit/test_rules_decision.py::test_v23_a_credit_balance_counts_by_policy_only",
    "V24": "receivables/test_allocate_credit.py"
    "::test_over_several_part_paid_items_without_residue_in_one_transaction",
    "V25": "orders/test_pages.py::test_v25_looking_at_the_cancel_page_changes_nothing",
}

#: scenarios.md: what peer systems test.
SCENARIOS = {
    "V01": "credit/test_rules_decision.py::test_v01_limit_against_posted_debt",
    "V02": "credit/test_rules_decision.py::test_v02_the_order_counts_once",
    "V03": "credit/test_exposure.py"
    "::test_v03_an_order_in_another_currency_counts_in_the_currency_of_the_limit",
    "V04": "credit/test_check_reopened_order.py"
    "::test_v04_reopening_a_closed_order_checks_the_limit",
    "V05": "credit/test_check_reopened_order.py"
    "::test_v05_a_later_increase_beyond_the_limit_is_refused_and_changes_nothing",
    "V08": "orders/test_amend_order.py::test_v08_never_below_what_is_out_or_picked",
    "V09": "receivables/test_open_items.py"
    "::test_v09_terms_of_the_order_reach_the_invoice_and_nothing_is_left_to_draft",
    "V10": "invoicing/test_post_invoice.py::test_v10_an_order_held_by_hand_is_not_billed",
    "V18": "shipping/test_scenarios.py::test_v18_life_of_a_reservation",
    "V19": "shipping/test_scenarios.py"
    "::test_v19_twelve_of_ten_fulfil_the_order_and_thirteen_are_refused",
    "V20": "shipping/test_scenarios.py::test_v20_nine_of_ten_are_enough_and_five_are_not",
    "V22": "invoicing/test_draft_invoice.py"
    "::test_v22_each_shipment_of_a_backorder_is_billed_by_itself",
    "V23": "orders/test_amend_order.py::test_v23_a_cut_order_leaves_only_the_rest_to_pick",
    "V24": "invoicing/test_rules_billing.py::test_v24_two_lines_at_ten_percent",
    "V25": "invoicing/test_post_invoice.py::test_v25_a_doubled_quantity_is_refused",
    "V26": "invoicing/test_draft_invoice.py"
    "::test_v26_two_shipments_carry_the_customer_s_number_and_their_own_amounts",
    "V27": "invoicing/test_rules_billing.py::test_v27_tax_on_the_document",
    "V31": "masters/test_rules_terms.py::test_v31_the_smallest_instalments",
    "V32": "masters/test_rules_terms.py::test_the_due_date_follows_the_stated_order",
    "V37": "receivables/test_rules_discount.py"
    "::test_ten_percent_of_236_is_20_of_revenue_and_3_60_of_tax",
    "V38": "receivables/test_allocate_payment.py::test_an_over_payment_stays_on_account",
    "V39": "receivables/test_allocate_payment.py::test_several_payments_settle_one_item_in_parts",
    "V40": "receivables/test_allocate_credit.py::test_eighty_of_a_hundred",
    "V41": "receivables/test_allocate_payment.py"
    "::test_a_better_rate_is_a_gain_in_base_currency_only",
    "V42": "receivables/test_allocate_oldest_first.py::test_eighty_on_fifty_twenty_and_thirty",
    "V47": "reconciliation/test_adapters_on_real_files.py",
    "V48": "reconciliation/test_undo_match.py"
    "::test_undo_mirrors_everything_and_the_line_is_open_again",
    "V49": "receivables/test_propose_dunning.py"
    "::test_levels_rise_from_letter_to_letter_and_end_when_paid",
    "V50": "receivables/test_propose_dunning.py"
    "::test_fee_and_interest_are_proposed_with_the_letter",
    "V51": "receivables/test_aging.py::test_the_buckets_of_6734_open_items_are_the_known_ones",
    "V52": "invoicing/test_approve_credit_note.py::test_v52_a_return_and_its_credit_step_by_step",
}


@cache
def functions_in(path: str) -> set[str]:
    """The names of the functions in a file, those in classes among them."""
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    "place", [*VECTORS.values(), *SCENARIOS.values()], ids=[*VECTORS, *SCENARIOS]
)
def test_the_case_has_its_test(place):
    path, _colons, name = place.partition("::")

    assert not name or name in functions_in(path)
    assert any(found.startswith("test_") for found in functions_in(path))


def test_every_vector_of_what_is_built_is_here():
    wanted = [*range(1, 7), *range(8, 13), *range(15, 21), 22]

    assert {f"V{number}" for number in wanted} <= set(VECTORS)
