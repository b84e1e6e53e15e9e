"""What Nordlicht sells: families of goods in a few variants each, with prices, weights, barcodes.

Prices are net per piece in EUR; pounds and quantity breaks follow from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from stdnum import ean

CENT = Decimal("0.01")
POUNDS_PER_EURO = Decimal("0.86")
#: From so many pieces on, so much of the price.
BREAKS = {0: Decimal(1), 24: Decimal("0.95"), 96: Decimal("0.90")}
COLOURS = ("white", "sand", "moss", "night blue")
METALS = ("brass", "black", "white", "oak")
SIZES = ("S", "M", "L")

#: category, code, name, price, cost, weight in kg, variants
FAMILIES = [
    ("LAMPS", "LMP", "Table lamp Fjord", "46.90", "21.40", "1.850", METALS),
    ("LAMPS", "LPD", "Pendant lamp Polar", "79.00", "38.20", "2.400", METALS),
    ("LAMPS", "LFL", "Floor lamp Leuchtturm", "129.00", "64.50", "5.600", METALS),
    ("LAMPS", "LLT", "Lantern Kap Arkona", "24.50", "10.10", "1.100", SIZES),
    ("TEXTILES", "TXT", "Wool throw Heide", "58.00", "27.90", "0.980", COLOURS),
    ("TEXTILES", "TXC", "Cushion cover Dune", "16.90", "6.35", "0.180", COLOURS),
    ("TEXTILES", "TXR", "Runner rug Watt", "69.50", "33.00", "2.300", COLOURS),
    ("TEXTILES", "TXN", "Linen napkin Sylt, set of 4", "21.50", "8.70", "0.240", COLOURS),
    ("DECOR", "DVS", "Vase Bernstein", "27.80", "11.20", "0.850", COLOURS),
    ("DECOR", "DCH", "Candle holder Brise", "12.40", "4.60", "0.310", METALS),
    ("DECOR", "DMR", "Mirror Horizont", "64.00", "29.80", "3.900", SIZES),
    ("DECOR", "DFR", "Picture frame Kompass", "14.90", "5.55", "0.420", METALS),
    ("TABLEWARE", "TPL", "Dinner plate Ebbe", "9.80", "3.45", "0.610", COLOURS),
    ("TABLEWARE", "TBW", "Bowl Flut", "8.60", "2.95", "0.450", COLOURS),
    ("TABLEWARE", "TMG", "Mug Moin", "7.40", "2.40", "0.330", COLOURS),
    ("TABLEWARE", "TTP", "Teapot Friese", "32.90", "14.10", "1.050", COLOURS),
    ("TABLEWARE", "TCT", "Cutlery set Anker, 24 pieces", "89.00", "43.60", "2.100", METALS),
    ("COOKWARE", "CPT", "Casserole Kombüse", "74.50", "36.00", "4.200", SIZES),
    ("COOKWARE", "CPN", "Iron pan Smutje", "44.00", "19.90", "2.150", SIZES),
    ("COOKWARE", "CKN", "Kitchen knife Möwe", "36.50", "15.80", "0.210", SIZES),
    ("COOKWARE", "CBD", "Cutting board Planke", "22.90", "9.10", "1.300", SIZES),
    ("GLASS", "GWN", "Wine glass Förde", "6.90", "2.30", "0.190", SIZES),
    ("GLASS", "GTB", "Tumbler Gischt", "5.40", "1.75", "0.220", COLOURS),
    ("GLASS", "GCF", "Carafe Lotse", "19.80", "7.60", "0.780", SIZES),
    ("STORAGE", "SBK", "Basket Reuse", "18.20", "7.15", "0.560", SIZES),
    ("STORAGE", "SJR", "Storage jar Kajüte", "11.60", "4.20", "0.640", SIZES),
    ("STORAGE", "SHK", "Coat hook Poller", "13.50", "5.05", "0.290", METALS),
    ("BATH", "BTW", "Towel Brandung", "15.20", "5.85", "0.480", COLOURS),
    ("BATH", "BSD", "Soap dispenser Muschel", "17.40", "6.70", "0.520", COLOURS),
    ("BATH", "BMT", "Bath mat Priel", "26.00", "10.60", "0.900", COLOURS),
    ("GARDEN", "GPT", "Plant pot Deich", "23.80", "9.40", "3.100", SIZES),
    ("GARDEN", "GFB", "Fire bowl Biike", "98.00", "47.50", "9.800", SIZES),
]
#: code, title: at the reduced rate of tax
BOOKS = {
    "BK-101": "Baking by the Sea",
    "BK-102": "Nordic Kitchen, Four Seasons",
    "BK-103": "The Quiet House",
    "BK-104": "Setting the Table",
}
#: code, name, unit, price
SERVICES = [
    ("SV-EXP", "Express handling", "H87", "29.00"),
    ("SV-GFT", "Gift wrapping", "H87", "2.50"),
    ("SV-ADV", "Shop fitting advice", "HUR", "85.00"),
]


@dataclass(frozen=True)
class Article:
    """One item with its price in EUR; `cost` and `weight` are zero for services."""

    code: str
    name: str
    category: str
    unit: str
    price: Decimal
    cost: Decimal = Decimal(0)
    weight: Decimal = Decimal(0)
    barcode: str = ""
    tax_class: str = "standard"
    kind: str = "stocked"


def articles() -> Iterator[Article]:
    """The whole catalogue, in the order of the shelves."""
    number = 0
    for category, code, name, price, cost, weight, variants in FAMILIES:
        for place, variant in enumerate(variants, 1):
            number += 1
            bigger = Decimal(place + 2) / 3 if variants is SIZES else Decimal(1)
            yield Article(
                code=f"{code}-{place}0",
                name=f"{name}, {variant}",
                category=category,
                unit="H87",
                price=(Decimal(price) * bigger).quantize(Decimal("0.1")),
                cost=(Decimal(cost) * bigger).quantize(CENT),
                weight=(Decimal(weight) * bigger).quantize(Decimal("0.001")),
                barcode=_barcode(number),
            )
    for place, (code, title) in enumerate(BOOKS.items()):
        yield Article(
            code, f"Book: {title}", "BOOKS", "H87", Decimal(18) + place * 3, Decimal(9),
            Decimal("0.700"), _barcode(900 + place), tax_class="reduced",
        )  # fmt: skip
    for code, name, unit, price in SERVICES:
        yield Article(code, name, "SERVICES", unit, Decimal(price), kind="service")


def _barcode(number: int) -> str:
    """An EAN-13 of the range that shops give out themselves, so that it is nobody else's."""
    digits = f"29047{number:07d}"
    return digits + str(ean.calc_check_digit(digits))


def prices(article: Article, currency: str) -> Iterator[tuple[int, Decimal]]:
    """From how many pieces on, which price in the currency."""
    base = article.price * (POUNDS_PER_EURO if currency == "GBP" else 1)
    for pieces, share in BREAKS.items():
        if pieces == 0 or article.kind == "stocked":
            yield pieces, (base * share).quantize(CENT)
