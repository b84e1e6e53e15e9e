from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group

from credit import queries
from credit.commands import set_authority, set_limit
from credit.models import CreditAuthority
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from orders.models import OrderState
from tests.conftest import person, signed_in
from tests.factories.credit import CreditAccountFactory, CreditAuthorityFactory
from tests.factories.masters import CompanyFactory, CustomerFactory
from tests.given.credit import account_of, checked_order, customer_with_limit, debt
from tests.web_budget import assert_detail_budget, assert_list_budget

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    CreditAuthorityFactory()
    return checked_order(customer=customer_with_limit("100.00"), lines=[(10, "10.00")])


class TestQueue:
    def test_it_shows_who_waits_and_why(self, chris, held):
        page = chris.get("/credit/").content.decode()

        assert held[1].number in page
        assert "Over the limit by 19.00" in page

    def test_it_keeps_its_budget(self, chris):
        customer = customer_with_limit("0.00")

        assert_list_budget(
            chris,
            "/credit/",
            lambda count: [checked_order(customer=customer) for _ in range(count)],
        )


class TestDecision:
    def test_the_page_shows_the_waterfall_and_the_readers_authority(self, chris, held):
        page = chris.get(held[1].get_absolute_url()).content.decode()

        assert "This order" in page
        assert "119.00" in page
        assert "Your authority has no ceiling." in page

    def test_approving_asks_for_a_reason_and_releases(self, chris, held):
        order, check = held
        url = f"{check.get_absolute_url()}approve/"

        assert chris.get(url).status_code == 200
        assert chris.post(url, {"reason": ""}).status_code == 422
        assert chris.post(url, {"reason": "Paid today."}).status_code == 303

        order.refresh_from_db()
        assert order.state == OrderState.RELEASED

    def test_rejecting_keeps_the_order_on_hold(self, chris, held):
        order, check = held

        chris.post(f"{check.get_absolute_url()}reject/", {"reason": "No."})

        order.refresh_from_db()
        assert (order.state, order.hold_reason) == (
            OrderState.ON_HOLD,
            "Credit was refused: No.",
        )

    def test_checking_again_is_a_button(self, chris, held):
        assert chris.post(f"{held[1].get_absolute_url()}recheck/").status_code == 303

    def test_above_the_authority_is_refused_with_the_amount(self, chris, held):
        authority = CreditAuthorityFactory()
        authority.amount = Decimal(1)
        authority.save()

        response = chris.post(f"{held[1].get_absolute_url()}approve/", {"reason": "please"})

        assert response.status_code == 403
        assert "above your authority" in response.content.decode()

    def test_a_sales_clerk_may_not_decide(self, clara, held):
        refused = clara.post(f"{held[1].get_absolute_url()}approve/", {"reason": "x"})

        assert refused.status_code == 403

    def test_the_page_keeps_its_budget(self, chris, held):
        assert_detail_budget(chris, held[1].get_absolute_url())


class TestAccount:
    def test_the_page_shows_exposure_limits_and_orders(self, chris, held):
        customer = held[1].account.customer
        debt(customer, "40.00")

        page = chris.get(account_of(customer).get_absolute_url()).content.decode()

        assert "Open receivables" in page
        assert "Permanent" in page
        assert held[1].number in page

    def test_a_limit_is_set_on_the_page(self, chris):
        CreditAuthorityFactory()
        account = CreditAccountFactory()
        url = f"{account.get_absolute_url()}set_limit/"

        bad = chris.post(url, {"kind": "temporary", "amount": "5", "reason": "season"})
        assert "valid_to" in bad.context["form"].errors
        chris.post(url, {"kind": "permanent", "amount": "1,500", "reason": "two years of trade"})

        limit = account.limits.get()
        assert (limit.amount.amount, limit.approved_by) == (1500, "chris")
        assert limit.valid_from <= date.today()  # noqa: DTZ011

    @pytest.mark.parametrize("amount", ["", "-1", "1e5", "NaN", "x", "9" * 25])
    def test_a_limit_that_is_no_amount_is_refused(self, chris, amount):
        CreditAuthorityFactory()
        account = CreditAccountFactory()

        response = chris.post(
            f"{account.get_absolute_url()}set_limit/",
            {"kind": "permanent", "amount": amount, "reason": "x"},
        )

        assert response.status_code == 422
        assert not account.limits.exists()

    def test_an_account_is_blocked_and_unblocked_with_a_reason(self, chris):
        account = CreditAccountFactory()

        chris.post(f"{account.get_absolute_url()}block/", {"reason": "Insolvent"})
        account.refresh_from_db()
        assert (account.blocked, account.stop_reason) == (True, "Insolvent")
        chris.post(f"{account.get_absolute_url()}unblock/")

        account.refresh_from_db()
        assert not account.blocked

    def test_a_payer_is_classified_and_cleared(self, chris):
        account = CreditAccountFactory(first_order_cleared=False)

        chris.post(
            f"{account.get_absolute_url()}classify/",
            {"risk_class": "high", "overdue_days_allowed": ""},
        )
        chris.post(f"{account.get_absolute_url()}clear/", {"reason": "known"})

        account.refresh_from_db()
        assert (account.risk_class, account.overdue_days_allowed) == ("high", None)
        assert account.first_order_cleared

    def test_an_account_is_opened_on_the_page(self, chris):
        customer = CustomerFactory(code="NEWCO")

        response = chris.post("/credit/accounts/new/", {"customer": "newco"})

        assert response.url == account_of(customer).get_absolute_url()
        assert Event.objects.get(name="account.opened").actor == "chris"

    def test_the_pages_keep_their_budgets(self, chris, held):
        assert_detail_budget(chris, held[1].account.get_absolute_url())
        assert_list_budget(
            chris,
            "/credit/accounts/",
            lambda count: [CreditAccountFactory() for _ in range(count)],
        )


@pytest.mark.parametrize("role", ["warehouse picker", "portal user"])
def test_whoever_has_no_right_sees_nothing(role, held):
    browser = signed_in(person(role))

    for url in ("/credit/", "/credit/accounts/", held[1].get_absolute_url()):
        assert browser.get(url).status_code == 403


class TestAuthority:
    def test_a_controller_sets_it_and_it_is_on_record(self, corinna):
        CompanyFactory()
        role = Group.objects.get(name="credit manager")

        assert corinna.get("/credit/authority/").status_code == 200
        for amount in ("5,000", ""):
            corinna.post("/credit/authority/", {"role": role.pk, "amount": amount})

        authority = CreditAuthority.objects.get()
        assert (authority.role, authority.amount) == ("credit manager", None)
        history = authority.history.order_by("history_id")
        assert [(row.amount, row.history_user_id) for row in history] == [
            (5000, "corinna"),
            (None, "corinna"),
        ]

    def test_the_credit_manager_does_not_set_his_own(self, chris):
        assert chris.get("/credit/authority/").status_code == 403

    def test_an_unknown_role_is_refused(self):
        with pytest.raises(RuleViolation, match="no role"):
            set_authority("wizard", None, actor=SYSTEM)


class TestAccountList:
    def test_it_shows_todays_limit_and_who_waits(self, chris, held):
        rows = list(queries.accounts())

        assert [(row.limit_today, row.held) for row in rows] == [(100, 1)]
        assert "100.00" in chris.get("/credit/accounts/").content.decode()

    @pytest.mark.parametrize(
        ("limits", "today"),
        [
            ({}, None),
            ({"permanent": 100}, 100),
            ({"permanent": 100, "temporary": 500}, 500),
            ({"permanent": 100, "insured": 50}, 150),
            ({"insured": 50}, 50),
            ({"permanent": 100, "temporary": 500, "insured": 50}, 550),
        ],
    )
    def test_the_limit_is_that_of_the_gate(self, limits, today):
        account = CreditAccountFactory()
        for kind, amount in limits.items():
            end = None if kind == "permanent" else clock.today()
            set_limit(
                account.pk,
                amount=Decimal(amount),
                kind=kind,
                valid_to=end,
                reason="known payer",
                actor=SYSTEM,
            )

        assert queries.accounts().get().limit_today == today
        assert queries.exposure(account.customer_id).limit == today

    def test_the_total_counts_an_account_once_however_many_checks_it_has(self, chris, held):
        account = held[1].account
        for _twice in range(2):
            checked_order(customer=account.customer)
        type(account).objects.update(overdue_amount=Decimal("12.34"))

        totals = chris.get("/credit/accounts/").context["listing"].totals

        assert totals.sums["overdue_amount"] == {"EUR": Decimal("12.34")}

    def test_no_limit_is_said_in_words(self, chris):
        CreditAccountFactory()

        assert "no limit" in chris.get("/credit/accounts/").content.decode()

    def test_the_tabs_find_held_orders_and_new_customers(self, chris, held):
        newcomer = CreditAccountFactory(first_order_cleared=False)
        waiting = held[1].account

        def numbers(tab):
            page = chris.get(f"/credit/accounts/?tab={tab}").content.decode()
            return [one.number for one in (waiting, newcomer) if one.number in page]

        assert numbers("held") == [waiting.number]
        assert numbers("new") == [newcomer.number]

    def test_who_sets_authorities_finds_them_from_here(self, chris, corinna):
        assert "/credit/authority/" not in chris.get("/credit/accounts/").content.decode()
        assert "/credit/authority/" in corinna.get("/credit/accounts/").content.decode()
