"""Pictures: signatures read and cleaned, barcodes drawn."""

import base64
import io
import warnings
from typing import NamedTuple

from barcode import Code128
from barcode.writer import SVGWriter
from PIL import Image, ImageOps, UnidentifiedImageError

#: Longest side in pixels that is kept.
MAX_SIDE = 1600
#: A picture that unfolds to more than this is an attack, not a signature.
MAX_PIXELS = 50_000_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class BadPicture(ValueError):
    """The bytes are not a picture we take."""


class Picture(NamedTuple):
    """A picture fit to keep."""

    data: bytes
    content_type: str
    extension: str


def read_picture(data: bytes) -> Picture:
    """A PNG, JPEG, WebP or GIF as a clean PNG or JPEG: upright, small, without metadata.

    Raises BadPicture.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise BadPicture("too many pixels")
                is_photo = opened.format == "JPEG"
                image = ImageOps.exif_transpose(opened).convert("RGB" if is_photo else "RGBA")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise BadPicture(str(error)) from error
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    out = io.BytesIO()
    if is_photo:
        image.save(out, "JPEG", quality=85)
        return Picture(out.getvalue(), "image/jpeg", "jpg")
    image.save(out, "PNG")
    return Picture(out.getvalue(), "image/png", "png")


def barcode_image(text: str) -> str:
    """Code 128 of text as a `data:` URL for an image in a document."""
    drawn = io.BytesIO()
    options = {"write_text": False, "module_height": 11.0, "module_width": 0.3, "quiet_zone": 2.0}
    Code128(text, writer=SVGWriter()).write(drawn, options)
    encoded = base64.b64encode(drawn.getvalue()).decode("ascii")
    return f"data:image/svg+xml;base64,{encoded}"
