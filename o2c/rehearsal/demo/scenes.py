"""This morning: something to do at every desk, in every state that work can be in."""

from datetime import timedelta
from decimal import Decimal

from credit.commands import block_account, reject_check
from credit.models import CheckState, CreditAccount, CreditCheck
from fulfillment.commands import cancel_pick, confirm_pick, pack, start_pick
from fulfillment.models import PickList, PickListState
from o2c.core import clock
from o2c.masters.models import Customer, Item
from o2c.rehearsal.demo.founding import FOUNDER, NEW_CUSTOMERS, SCARCE
from o2c.rehearsal.demo.trade import Trade
from o2c.stock.commands import (
    Adjustment,
    Counted,
    Transfer,
    adjust_stock,
    count_stock,
    expect_goods,
    transfer_stock,
)
from o2c.stock.models import Balance
from orders.commands import (
    LineDraft,
    OrderDraft,
    cancel_order,
    capture_order,
    confirm_order,
    hold_order,
)
from orders.models import Order
from orders.models.states import BILLED
from shipping.commands import announce_return, cancel_shipment, receive_return
from shipping.models import Shipment, ShipmentState


def leave_work(trade: Trade) -> None:
    """Everything about orders and goods that waits for somebody this morning."""
    scenes = [
        _found_again, _goods_expected, _corrections, _at_the_sales_desk, _held, _waiting_for_goods,
        _in_the_warehouse, _ready_and_on_the_road, _coming_back, _called_off,
    ]  # fmt: skip
    start = clock.now() - timedelta(minutes=10 * len(scenes))
    for number, scene in enumerate(scenes):
        with clock.at(start + timedelta(minutes=10 * number)):
            scene(trade)


def line(item: str, quantity: int, **more: object) -> LineDraft:
    """So many pieces of an article."""
    return LineDraft(item, Decimal(quantity), **more)  # type: ignore[arg-type]


def customer(code: str) -> Customer:
    return Customer.objects.get(code=code)


def _confirmed(trade: Trade, code: str, *lines: LineDraft) -> Order:
    """An order that went as far as credit let it."""
    taken = trade.take_order(customer(code), *lines)
    return confirm_order(taken.pk, actor=trade.staff["clara"])


def _released(trade: Trade, code: str, *lines: LineDraft) -> Order:
    """An order in the warehouse's hands; where credit held it, it was approved."""
    return trade.release(trade.take_order(customer(code), *lines))


def _found_again(trade: Trade) -> None:
    """What was short on its shelf was looked for: all but two pieces goes back there."""
    doubtful = Balance.objects.filter(location__kind="quarantine", reserved=0, on_hand__gt=2)
    for away in doubtful.select_related("location").order_by("pk"):
        warehouse = away.location.warehouse_id
        shelf = Balance.objects.filter(
            item=away.item_id, location__warehouse=warehouse, location__kind="storage"
        ).first()
        if shelf is not None:
            back = Transfer(
                away.item_id, away.location_id, shelf.location_id, away.on_hand - 2, away.lot
            )
            transfer_stock(warehouse, [back], reason="Found again", actor=trade.staff["pablo"])


def _goods_expected(trade: Trade) -> None:
    """What is missing in Lübeck is on its way."""
    for number, code in enumerate(SCARCE):
        expect_goods(
            Item.objects.get(code=code).pk,
            trade.warehouses["HL"],
            Decimal(60),
            clock.today() + timedelta(days=6 + 4 * number),
            reference=f"Supplier order {7301 + number}",
            actor=FOUNDER,
        )


def _corrections(trade: Trade) -> None:
    """Goods carried to another place, counted, and found broken."""
    here = Balance.objects.filter(location__warehouse__code="HL", reserved=0, on_hand__gt=20)
    carried, counted, broken = here.select_related("location").order_by("pk")[:3]
    warehouse, pablo = trade.warehouses["HL"], trade.staff["pablo"]
    elsewhere = carried.location.warehouse.locations.filter(kind="storage").last()
    assert elsewhere is not None
    transfer_stock(
        warehouse,
        [Transfer(carried.item_id, carried.location_id, elsewhere.pk, Decimal(12))],
        reason="Shelf is full", actor=pablo,
    )  # fmt: skip
    count_stock(
        warehouse, counted.location_id, [Counted(counted.item_id, counted.on_hand - 1)],
        reason="Monthly count", actor=pablo,
    )  # fmt: skip
    adjust_stock(
        warehouse, [Adjustment(broken.item_id, broken.location_id, Decimal(-2))],
        reason="Broken on the shelf", actor=trade.staff["corinna"],
    )  # fmt: skip


def _at_the_sales_desk(trade: Trade) -> None:
    """Two drafts, two handed in, and two that do not agree with the customer's document."""
    clara = trade.staff["clara"]
    for code in ("C1001", "C1042"):
        draft = OrderDraft(customer_id=customer(code).pk, lines=trade.basket())
        capture_order(draft, actor=clara)
    trade.take_order(customer("C1015"))
    trade.take_order(customer("C1031"), line("TMG-10", 48), line("TBW-10", 48))
    trade.take_order(
        customer("C1016"),
        line("TPL-20", 36, expected_price=Decimal("8.90")),
        line("GWN-20", 48, expected_price=Decimal("6.56")),
        expected_total=Decimal("812.00"),
    )
    for _twice in range(2):  # their policy: warn
        trade.take_order(customer("C1006"), line("BTW-30", 24), customer_reference="PO-2210")


def _held(trade: Trade) -> None:
    """Over the limit, overdue, new, blocked, refused, and stopped by hand."""
    chris = trade.staff["chris"]
    _confirmed(trade, "C1011", line("LPD-10", 24), line("LFL-10", 12))
    _confirmed(trade, "C1021", line("TTP-10", 12), line("TMG-20", 48))
    _confirmed(trade, NEW_CUSTOMERS[0], line("DVS-10", 12), line("DCH-20", 24))
    account = CreditAccount.objects.get(customer__code="C1017")
    block_account(account.pk, reason="With the lawyers since last week", actor=chris)
    refused = _confirmed(trade, "C1017", line("CPT-20", 6))
    check = CreditCheck.objects.get(order=refused, state=CheckState.HELD)
    reject_check(check.pk, reason="No delivery before the old debt is paid.", actor=chris)
    stopped = _released(trade, "C1034", line("SJR-20", 24), line("SBK-10", 12))
    hold_order(stopped.pk, reason="Customer moves; new address to come", actor=trade.staff["clara"])


def _waiting_for_goods(trade: Trade) -> None:
    """Released, but nothing of it is here yet."""
    _released(trade, "C1008", line(SCARCE[0], 6))
    _released(trade, "C1018", line(SCARCE[1], 8), line(SCARCE[2], 4))


def _in_the_warehouse(trade: Trade) -> None:
    """Ready to pick, being picked, picked, packed; and one whose list was called off once."""
    pablo = trade.staff["pablo"]
    for code in ("C1002", "C1009", "C1024", "C1038"):
        _released(trade, code)
    begun = _list_of(_released(trade, "C1012", line("TMG-30", 24), line("GTB-20", 36)))
    start_pick(begun.pk, actor=pablo)
    first = begun.lines.order_by("sequence")[0]
    confirm_pick(begun.pk, picked={first.pk: first.quantity}, actor=pablo)
    picked = _list_of(_released(trade, "C1010"))
    confirm_pick(picked.pk, actor=pablo)
    for code in ("C1005", "C1032"):
        trade.pick(_list_of(_released(trade, code)))
    dropped = _list_of(_released(trade, "C1040", line("BSD-10", 12)))
    cancel_pick(dropped.pk, reason="Printed twice", actor=pablo)


def _ready_and_on_the_road(trade: Trade) -> None:
    """In part because the rest is missing, billed on dispatch, or only once it is delivered."""
    for code, lines in (
        ("C1014", [line("LMP-20", 6), line(SCARCE[0], 3)]),  # the rest waits
        ("C1026", []),
        ("C1043", [line("TTP-20", 12), line("CBD-10", 12)]),
        ("C1004", [line("BTW-10", 96), line("BMT-20", 24)]),  # billed when delivered
    ):
        order = _released(trade, code, *lines)
        pick_list = _list_of(order)
        confirm_pick(pick_list.pk, actor=trade.staff["pablo"])
        pack(pick_list.pk, actor=trade.staff["pablo"])
        trade.ship(Shipment.objects.get(pick_list=pick_list))
    late = _released(trade, "C1035")
    trade.pick(_list_of(late))
    cancel_shipment(
        Shipment.objects.get(order=late).pk, reason="The lorry broke down",
        actor=trade.staff["shirin"],
    )  # fmt: skip


def _coming_back(trade: Trade) -> None:
    """Announced; and back on the shelf, with the credit note waiting for approval."""
    delivered = Shipment.objects.filter(
        state=ShipmentState.DELIVERED, order__state__in=BILLED, returns=None
    )
    for number, shipment in enumerate(delivered.order_by("-pk")[:2]):
        goods = shipment.lines.filter(item__kind="stocked").order_by("pk")[0]
        back = announce_return(
            shipment.pk, lines={goods.pk: Decimal(2)}, reason="Wrong colour",
            actor=trade.staff["clara"],
        )  # fmt: skip
        if number:
            receive_return(back.pk, actor=trade.staff["shirin"])


def _called_off(trade: Trade) -> None:
    """One order cancelled as a whole, and the rest of one that has shipped in part."""
    clara = trade.staff["clara"]
    whole = _released(trade, "C1023", line("DMR-20", 4))
    cancel_order(whole.pk, reason="Ordered twice by mistake", actor=clara)
    part = _released(trade, "C1038", line("LFL-20", 3), line(SCARCE[1], 5))
    pick_list = _list_of(part)
    trade.pick(pick_list)
    trade.ship(Shipment.objects.get(pick_list=pick_list))
    cancel_order(part.pk, reason="The customer takes what there is", actor=clara)


def _list_of(order: Order) -> PickList:
    """The pick list that release made."""
    return PickList.objects.get(order=order, state=PickListState.PLANNED)
