"""Masters hold still while goods lie on them. Triggers keep it (migrations 0002 and 0003); these
are their words."""

from django.utils.translation import gettext_lazy as _

from o2c.core.constraints import guard

guard(
    "stock_item_unit_kept",
    _("The stock unit stays while goods lie on stock or are expected: they are counted in it."),
    "unit",
)
guard(
    "stock_item_kind_kept",
    _("An item stays stocked while goods of it lie on stock or are expected."),
    "kind",
)
guard(
    "stock_unit_decimals_kept",
    _("The decimals stay: goods on stock are counted in smaller parts of the unit."),
    "decimals",
)
guard(
    "stock_location_active_kept",
    _("Goods lie at this location. Move them elsewhere before it is switched off."),
    "active",
)
guard(
    "stock_location_warehouse_kept",
    _("Goods lie at this location. They would move to another warehouse with it."),
    "warehouse",
)
guard(
    "stock_location_kind_kept",
    _("Goods that lie here are reserved for orders. Pick or release them first."),
    "kind",
)
guard(
    "stock_warehouse_active_kept",
    _("Goods lie in this warehouse. Move them elsewhere before it is switched off."),
    "active",
)
guard(
    "stock_move_to_a_stocked_item",
    _("An item that is a service is not kept on stock."),
    "item",
)
guard(
    "stock_move_to_a_location_in_use",
    _("The location is switched off: nothing is put there."),
    "location",
)
guard(
    "stock_move_to_a_warehouse_in_use",
    _("The warehouse is switched off: nothing is put there."),
    "location",
)
guard(
    "stock_move_fits_the_unit",
    _("The unit of the item has fewer decimals than this quantity."),
    "quantity",
)
guard(
    "stock_reservation_in_storage",
    _("Goods are promised from storage places only, and this one became another kind of place."),
)
