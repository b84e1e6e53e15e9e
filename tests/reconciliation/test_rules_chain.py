"""Whatever comes twice, late, overlapping or corrected: each booking is kept once."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reconciliation.rules import Chain, ChainEntry, Fault, Piece

DAY = date(2026, 3, 2)


def line(amount, text="", *, day=0, ref=""):
    amount = Decimal(amount)
    return ChainEntry(f"{day} {amount} {text} {ref}", amount, has_reference=bool(ref))


def piece(*entries, opening=100, closing=None, name="S1", day=0, sequence=""):
    total = sum((entry.amount for entry in entries), Decimal(0))
    opening = None if opening is None else Decimal(opening)
    ends = opening + total if closing is None and opening is not None else closing
    ends = None if ends is None else Decimal(ends)
    amounts = sorted(str(entry.amount) for entry in entries)
    told_by_name = name if not total or opening is None else ""
    identity = f"{opening} {ends} {day} {amounts} {told_by_name}"
    return Piece(name, sequence, opening, ends, DAY + timedelta(day), identity, tuple(entries))


class Account:
    """The chain as an import keeps it: what is kept of each statement that came."""

    def __init__(self):
        self.chain = Chain()
        self.kept = {}

    def take(self, new, *, reinstate=False):
        self.chain.entries = {number: lines for number, lines in self.kept.items() if lines}
        placement = self.chain.place(new, reinstate=reinstate)
        if not placement.is_here:
            number = len(self.chain.held) + 1
            self.kept[number] = [new.entries[i] for i in placement.kept]
            as_kept = replace(new, opening=placement.opening, entries=())
            self.chain.take(as_kept, placement, number, on_record=True)
        return placement

    def live_lines(self):
        return sorted(e.key for held in self.chain.live() for e in self.kept[held.id])

    def is_whole(self):
        """Every statement adds up with what is kept, follows one that ends as it begins, or is
        the only first one."""
        live = list(self.chain.live())
        for held in live:
            total = sum((entry.amount for entry in self.kept[held.id]), Decimal(0))
            before = self.chain.held[held.follows] if held.follows is not None else None
            if held.piece.opening + total != held.piece.closing or not held.fits:
                return False
            if before and (before.is_replaced or before.piece.closing != held.piece.opening):
                return False
        followed = [held.follows for held in live if held.follows is not None]
        return len(followed) == len(set(followed)) == max(0, len(live) - 1)


def after(*pieces):
    account = Account()
    for one in pieces:
        account.take(one)
    return account


def test_an_equal_line_in_the_next_statement_is_another_booking():
    first, second = piece(line(5)), piece(line(5), opening=105, name="S2")

    account = after(first, second)

    assert len(account.live_lines()) == 2
    assert account.is_whole()


def test_the_same_statement_again_is_here_whatever_its_number():
    account = after(piece(line(5)))

    assert account.take(piece(line(5))).same_as == 1
    assert account.take(piece(line(5, "other words"), name="MT940")).same_as == 1


def test_a_balance_moved_twice_a_day_by_the_same_amounts_is_two_statements():
    there, back = piece(line(5, "a")), piece(line(-5, "b"), opening=105, name="S2")
    again = piece(line(5, "c"), name="S3")
    account = after(there, back, again)

    assert len(account.live_lines()) == 3
    assert account.is_whole()
    assert account.take(again).is_here
    assert account.take(there).is_here


def test_of_an_overlap_only_the_rest_is_kept_and_it_begins_where_ours_ends():
    account = after(piece(line(5, "one")))

    placement = account.take(piece(line(5, "one"), line(6, "two"), name="S9"))

    assert (placement.kept, placement.opening, placement.follows) == ((1,), 105, 1)
    assert account.is_whole()


def test_a_statement_of_the_week_after_those_of_its_days_is_here():
    account = after(piece(line(5)), piece(line(6, day=1), opening=105, name="S2", day=1))

    assert account.take(piece(line(5), line(6, day=1), name="W1", day=1)).is_here
    assert account.take(piece(line(6, day=1), name="D", opening=105, day=1)).is_here


def test_a_day_after_the_statement_of_its_week_is_here():
    account = after(piece(line(5), line(6, day=1), line(7, day=2), name="W1", day=2))

    assert account.take(piece(line(6, day=1), name="D2", opening=105, day=1)).is_here


def test_equal_lines_behind_a_gap_are_kept_and_the_gap_is_said():
    account = after(piece(line(5)))

    placement = account.take(piece(line(5), opening=400, name="S3"))

    assert (placement.kept, placement.fault, placement.beside) == ((0,), Fault.GAP_BEFORE, 1)


def test_the_missing_statement_heals_the_chain():
    account = after(piece(line(5)), piece(line(7), opening=111, name="S3", day=2))
    assert not account.is_whole()

    placement = account.take(piece(line(6), opening=105, name="S2", day=1))

    assert (placement.follows, placement.followed_by) == (1, 2)
    assert account.is_whole()


def test_a_corrected_statement_takes_the_place_of_the_one_held():
    wrong = piece(line(6), opening=105, closing=999, name="S2", day=1)
    account = after(piece(line(5)), wrong, piece(line(7), opening=116, name="S3", day=2))
    assert not account.is_whole()

    placement = account.take(piece(line(6), line(5, "x"), opening=105, name="S2", day=1))

    assert (placement.replaces, placement.follows, placement.followed_by) == (2, 1, 3)
    assert account.is_whole()
    assert account.take(wrong).same_as == 2


def test_a_correction_that_ends_elsewhere_cuts_off_what_followed():
    account = after(piece(line(5)), piece(line(6), opening=105, name="S2", day=1))

    placement = account.take(piece(line(5), line(4, "x")))

    assert (placement.replaces, placement.cut_off) == (1, (2,))
    account.take(piece(line(6), opening=109, name="S2", day=1))
    assert account.is_whole()


def test_what_was_replaced_takes_its_place_again_when_asked_to():
    first, second = piece(line(5)), piece(line(6), opening=105, name="S2", day=1)
    wrong = piece(line(5), line(4, "x"))
    account = after(first, second, wrong)
    assert not account.is_whole()

    assert account.take(first).same_as == 1
    placement = account.take(first, reinstate=True)

    assert (placement.replaces, placement.followed_by) == (3, 2)
    assert account.is_whole()
    assert account.take(first, reinstate=True).same_as == 4
    assert account.take(wrong).same_as == 3


def test_what_does_not_add_up_never_takes_the_place_of_its_correction():
    wrong = piece(line(6), closing=999)
    account = after(wrong, piece(line(6), line(5)))

    assert account.take(wrong, reinstate=True).same_as == 1


def test_a_bank_that_repeats_its_numbers_corrects_nothing():
    account = after(piece(line(5)), piece(line(6), opening=105))

    assert account.is_whole()
    assert len(account.live_lines()) == 2


def test_a_correction_under_another_number_is_known_by_its_turn():
    first, wrong = piece(line(5)), piece(line(6), opening=105, closing=999, name="S2", sequence="2")
    account = after(first, wrong)

    anew = account.take(piece(line(6), line(5), opening=105, name="S2-NEW", sequence="2"))
    after_it = account.take(piece(line(1), opening=116, name="S3", sequence="2"))

    assert anew.replaces == 2
    assert (after_it.replaces, after_it.follows) == (None, 3)
    assert account.is_whole()


def test_an_older_statement_comes_before_the_first():
    account = after(piece(line(5), day=5))

    assert account.take(piece(line(60), opening=40, name="OLD", day=1)).followed_by == 1
    assert account.is_whole()
    late = account.take(piece(line(1), opening=1, name="ODD", day=0))
    assert (late.fault, late.beside) == (Fault.GAP_AFTER, 2)


def test_bookings_under_the_banks_own_reference_that_cancel_out_are_not_kept_again():
    morning = piece(line(5, ref="A"), line(-5, ref="B"), name="M")
    account = after(morning)

    placement = account.take(piece(line(5, ref="A"), line(-5, ref="B"), line(7, ref="C"), name="D"))

    assert placement.kept == (2,)
    assert account.is_whole()


def test_without_balances_the_words_decide():
    account = after(piece(line(5, "one"), opening=None))

    placement = account.take(piece(line(5, "one"), line(6), opening=None, name="S2"))

    assert (placement.kept, placement.fault) == ((1,), Fault.NO_BALANCE)
    assert account.take(piece(line(5, "one"), opening=None, name="S3")).is_here


# -- properties --------------------------------------------------------------------------------

few_amounts = st.lists(st.integers(-3, 3).filter(bool), max_size=3)
positive = st.lists(st.integers(1, 3), min_size=1, max_size=3)


def statements_of(days):
    """One statement a day of what the bank booked, each line told by day, amount and text only."""
    balance, made = Decimal(100), []
    for day, amounts in enumerate(days):
        entries = [line(amount, "rent", day=day) for amount in amounts]
        made.append(piece(*entries, opening=balance, name=f"S{day}", day=day))
        balance = made[-1].closing
    return made


def week_of(pieces):
    entries = [entry for one in pieces for entry in one.entries]
    last = pieces[-1]
    number = (last.closed_on - DAY).days
    return piece(*entries, opening=pieces[0].opening, name=f"W{number}", day=number)


def all_lines(pieces):
    return sorted(entry.key for one in pieces for entry in one.entries)


@given(st.lists(few_amounts, min_size=1, max_size=6), st.data())
def test_in_order_with_repeats_every_booking_is_kept_once(days, data):
    pieces = statements_of(days)
    account = Account()
    for number, one in enumerate(pieces):
        account.take(one)
        account.take(data.draw(st.sampled_from(pieces[: number + 1])))

    assert account.live_lines() == all_lines(pieces)
    assert account.is_whole()


@given(st.lists(positive, min_size=1, max_size=6), st.data())
def test_in_any_order_the_chain_is_whole_when_all_are_there(days, data):
    pieces = statements_of(days)
    account = after(*data.draw(st.permutations(pieces)))

    assert account.live_lines() == all_lines(pieces)
    assert account.is_whole()


@given(st.lists(positive, min_size=2, max_size=6), st.data())
def test_weeks_over_days_bring_only_what_is_new(days, data):
    pieces = statements_of(days)
    begun = data.draw(st.integers(1, len(pieces)))
    account = after(*pieces[:begun])
    first = data.draw(st.integers(0, begun - 1))

    account.take(week_of(pieces[first:]))

    assert account.live_lines() == all_lines(pieces)
    assert account.is_whole()
    for one in pieces:
        assert account.take(one).is_here


@given(st.lists(positive, min_size=1, max_size=5), st.data())
def test_turned_back_and_forth_the_chain_is_as_if_the_last_had_been_the_first(days, data):
    pieces = statements_of(days)
    bad = data.draw(st.integers(0, len(pieces) - 1))
    right = pieces[bad]
    wrong = piece(*right.entries, line(9, "x"), opening=right.opening, name=right.name, day=bad)
    account = after(*pieces, wrong)

    for _ in range(data.draw(st.integers(0, 2))):
        assert account.take(right, reinstate=True).replaces is not None
        assert account.take(wrong, reinstate=True).replaces is not None
    account.take(right, reinstate=True)

    assert account.live_lines() == all_lines(pieces)
    assert account.is_whole()


@given(st.lists(positive, min_size=1, max_size=5), st.data())
def test_a_wrong_statement_and_its_correction_leave_the_chain_as_if_it_had_been_right(days, data):
    pieces = statements_of(days)
    bad = data.draw(st.integers(0, len(pieces) - 1))
    right = pieces[bad]
    wrong = piece(
        *right.entries[1:], opening=right.opening, closing=right.closing, name=right.name, day=bad
    )
    if data.draw(st.booleans()):
        wrong = replace(wrong, closing=Decimal(7777), identity="x")
    account = after(*pieces[:bad], wrong, *pieces[bad + 1 :])

    account.take(right)

    assert account.live_lines() == all_lines(pieces)
    assert account.is_whole()
