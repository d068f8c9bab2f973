"""Pictures of the sample bureau, drawn and not photographed: nobody is on them and no camera left a trace."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

SIZE = (960, 540)
TWICE = (SIZE[0] * 2, SIZE[1] * 2)
Colour = tuple[int, int, int]
Draw = ImageDraw.ImageDraw
DAY: tuple[Colour, Colour] = ((150, 196, 226), (232, 242, 248))
NIGHT: tuple[Colour, Colour] = ((14, 24, 48), (52, 74, 110))
SEA: Colour = (52, 106, 138)
WHITE: Colour = (248, 248, 244)
RED: Colour = (176, 52, 46)
STONE: Colour = (112, 108, 102)
STEEL: Colour = (84, 96, 108)


def jpg(paint: Callable[[Draw], None], sky: tuple[Colour, Colour] = DAY) -> bytes:
    """Paint on a canvas of twice the size, shrink it smoothly, and give a JPEG without metadata."""
    canvas = Image.new("RGB", TWICE)
    draw = ImageDraw.Draw(canvas)
    for y in range(TWICE[1]):
        draw.line((0, y, TWICE[0], y), fill=_between(sky, y / TWICE[1]))
    paint(draw)
    out = io.BytesIO()
    canvas.resize(SIZE, Image.Resampling.LANCZOS).save(out, "JPEG", quality=82)
    return out.getvalue()


def _between(ends: tuple[Colour, Colour], part: float) -> Colour:
    first, second = ends
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _sea(draw: Draw, top: int, colour: Colour = SEA) -> None:
    draw.rectangle((0, top, *TWICE), fill=colour)
    lighter = _between((colour, WHITE), 0.25)
    for row in range(6):
        for wave in range(12):
            left = wave * 180 + (row % 2) * 90 - 60
            y = top + 36 + row * 70
            draw.arc((left, y, left + 120, y + 30), 200, 340, fill=lighter, width=4)


def tide_well(draw: Draw) -> None:
    """A well cut open: the float in it follows the sea and draws the tide's curve on a drum."""
    _sea(draw, 560)
    draw.polygon([(1920, 420), (1920, 1080), (1000, 1080), (1100, 420)], fill=(176, 160, 132))
    draw.rectangle((1240, 320, 1440, 1000), fill=(206, 202, 194), outline=STEEL, width=10)
    draw.rectangle((1252, 600, 1428, 990), fill=SEA)
    draw.rectangle((1030, 900, 1244, 940), fill=SEA)
    draw.ellipse((1290, 570, 1390, 640), fill=RED)
    draw.line((1340, 570, 1340, 220), fill=STEEL, width=6)
    draw.ellipse((1300, 180, 1380, 260), outline=STEEL, width=10)
    draw.rectangle((1480, 120, 1860, 330), fill=WHITE, outline=STEEL, width=8)
    curve = [(1490 + x, 225 - round(70 * math.sin(x / 360 * 4 * math.pi))) for x in range(0, 361, 4)]
    draw.line(curve, fill=RED, width=8)
    draw.line((1380, 220, 1480, 220), fill=STEEL, width=6)


def station(draw: Draw) -> None:
    """A white hut at the end of a pier."""
    _sea(draw, 620)
    for x in range(140, 1300, 160):
        draw.rectangle((x, 590, x + 26, 900), fill=STONE)
    draw.rectangle((0, 560, 1420, 604), fill=(150, 140, 126))
    draw.rectangle((1000, 300, 1340, 560), fill=WHITE, outline=STEEL, width=6)
    draw.polygon([(970, 300), (1370, 300), (1310, 220), (1030, 220)], fill=RED)
    draw.rectangle((1050, 380, 1130, 460), fill=SEA)
    draw.rectangle((1210, 380, 1290, 560), fill=STEEL)
    draw.line((1170, 220, 1170, 60), fill=STEEL, width=10)
    draw.ellipse((1140, 30, 1200, 90), outline=STEEL, width=8)
    draw.rectangle((1400, 480, 1430, 940), fill=WHITE, outline=STEEL, width=4)
    for y in range(490, 940, 40):
        draw.line((1400, y, 1430, y), fill=RED, width=6)


def lighthouse(draw: Draw) -> None:
    """A tower in red and white at night, two beams over the sea."""
    for left, right in (((0, 120), (0, 300)), ((1920, 60), (1920, 260))):
        draw.polygon([(960, 236), left, right], fill=(94, 108, 124))
    for x, y in ((160, 70), (420, 160), (700, 60), (1280, 130), (1500, 330), (1760, 400), (300, 420)):
        draw.ellipse((x, y, x + 7, y + 7), fill=WHITE)
    _sea(draw, 820, (22, 44, 72))
    draw.polygon([(620, 1080), (700, 860), (1220, 840), (1360, 1080)], fill=(60, 58, 58))
    for band in range(6):
        top, half = 300 + band * 94, 74 + band * 9
        sides = [(960 - half, top), (960 + half, top), (960 + half + 9, top + 94), (960 - half - 9, top + 94)]
        draw.polygon(sides, fill=RED if band % 2 else WHITE)
    draw.rectangle((866, 284, 1054, 304), fill=STEEL)
    draw.rectangle((906, 190, 1014, 284), fill=(255, 236, 160), outline=STEEL, width=8)
    draw.polygon([(890, 190), (1030, 190), (960, 120)], fill=RED)


def lens(draw: Draw) -> None:
    """A lens of rings around a small lamp."""
    draw.rectangle((0, 0, *TWICE), fill=(30, 44, 62))
    for ring in range(9, 0, -1):
        radius, shade = ring * 50, 70 + (9 - ring) * 18
        draw.ellipse((960 - radius, 540 - radius, 960 + radius, 540 + radius), fill=(shade, shade + 12, 236))
        draw.ellipse((960 - radius, 540 - radius, 960 + radius, 540 + radius), outline=WHITE, width=5)
    draw.ellipse((924, 504, 996, 576), fill=(255, 228, 130))
    for side in (-1, 1):
        draw.rectangle((952 + side * 520 - 8, 60, 952 + side * 520 + 24, 1020), fill=(150, 116, 60))


def ramp(draw: Draw) -> None:
    """A ramp that rises and falls with the tide, from the quay to a ferry."""
    _sea(draw, 640)
    draw.rectangle((0, 470, 560, 1080), fill=STONE)
    draw.polygon([(540, 470), (540, 500), (1110, 640), (1110, 606)], fill=(206, 186, 90))
    for number in range(8):
        x, y = 560 + number * 70, 474 + number * 17
        draw.line((x, y, x, y - 90), fill=STEEL, width=8)
    draw.line((552, 382, 1100, 516), fill=STEEL, width=10)
    draw.polygon([(1060, 600), (1880, 600), (1800, 760), (1130, 760)], fill=WHITE, outline=STEEL)
    draw.rectangle((1220, 420, 1740, 600), fill=WHITE, outline=STEEL, width=6)
    for x in range(1260, 1700, 110):
        draw.rectangle((x, 460, x + 70, 530), fill=SEA)
    draw.rectangle((1080, 690, 1850, 716), fill=RED)


BEFORE_AND_AFTER = ((60, 10), (10, 5), (3, 2), (6, 1))


def bars(draw: Draw) -> None:
    """Four pairs of bars, grey before and blue after, each with its number."""
    draw.rectangle((0, 0, *TWICE), fill=(250, 250, 247))
    font = ImageFont.load_default(size=64)
    draw.line((120, 940, 1800, 940), fill=STEEL, width=8)
    for group, pair in enumerate(BEFORE_AND_AFTER):
        for place, value in enumerate(pair):
            left = 190 + group * 420 + place * 130
            top = 940 - round(700 * value / max(pair))
            draw.rectangle((left, top, left + 110, 936), fill=SEA if place else (168, 172, 176))
            draw.text((left + 55, top - 40), str(value), fill=STEEL, font=font, anchor="mm")
