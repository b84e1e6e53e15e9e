"""A picture of a signature: a few loops of ink, always the same for the same name."""

import io
import math
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 260, 80
INK = (24, 32, 96, 255)


def signature(name: str) -> bytes:
    """A small transparent PNG."""
    random = Random(name)
    picture = Image.new("RGBA", (WIDTH, HEIGHT), (255, 255, 255, 0))
    loops, slant, height = random.uniform(3, 6), random.uniform(4, 10), random.uniform(12, 26)
    points = []
    for step in range(200):
        way = step / 199
        turn = way * loops * 2 * math.pi
        x = 20 + way * (WIDTH - 50) + slant * math.sin(2 * turn)
        y = HEIGHT / 2 + height * math.sin(turn) * (1 - 0.6 * way) + slant * math.cos(turn / 3)
        points.append((x, y))
    ImageDraw.Draw(picture).line(points, fill=INK, width=2, joint="curve")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
