"""The pages of the warehouse: the office's lists and the picker's screens."""

from fulfillment.views.floor import floor_home, floor_pick, floor_start
from fulfillment.views.office import (
    backorder_list,
    count_request_list,
    package_list,
    pick_list_act,
    pick_list_detail,
    pick_list_list,
    plan_again,
)

__all__ = [
    "backorder_list",
    "count_request_list",
    "floor_home",
    "floor_pick",
    "floor_start",
    "package_list",
    "pick_list_act",
    "pick_list_detail",
    "pick_list_list",
    "plan_again",
]
