"""What can be seen of a raster without reading it: ink, none, and ink that was not read. Pure."""

from dataclasses import replace

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from clerk.model import Raster, Recognition

REDUCED = 4
"""By how much a raster is made smaller to look at its ink."""
CELL = 4
"""Width of a cell, in heights of a word."""
TEXT_INK = (30, 150)
"""Of 255: how much ink a cell of text has. Rules have less, borders and photographs more."""
DARK = 60
"""Grey levels darker than the paper: ink of a reduced raster."""
BLANK_INK = 0.0003
"""As in the text layer's rule: ink has the same share of a fine raster as of a coarse one."""
INK_CONTRAST = 40
"""Grey levels that ink differs from the paper; less is shadow and JPEG noise."""
_BLUR = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1))
"""Gaussian of 0.7 pixels (twice: of 1), at half the cost of Pillow's own; some 15 ms a page."""


def _paper(counts: list[int]) -> int:
    """The paper's grey: the commonest of a histogram."""
    return counts.index(max(counts))


def is_blank(raster: Raster) -> bool:
    """Whether nothing differs enough from the paper to be ink."""
    counts = Image.frombuffer("L", (raster.width, raster.height), raster.pixels).histogram()
    paper = _paper(counts)
    inked = sum(counts[: max(paper - INK_CONTRAST, 0)]) + sum(counts[paper + INK_CONTRAST + 1 :])
    return inked < BLANK_INK * len(raster.pixels)


def unread_share(raster: Raster, found: Recognition) -> float:
    """Of the cells of a page that look like text, the share in which no word was found, 0 to 1.

    0 where the engine does not tell words apart.
    """
    if not found.words:
        return 0.0
    ink = _ink(raster)
    heights = sorted(word.box[3] - word.box[1] for word in found.words)
    height = max(heights[len(heights) // 2] // REDUCED, 3)
    whole = _text_cells(ink, height)
    draw = ImageDraw.Draw(ink)
    for word in found.words:
        left, top, right, bottom = (side // REDUCED for side in word.box)
        draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), fill=0)
    return _text_cells(ink, height) / max(whole, 1)


def _ink(raster: Raster) -> Image.Image:
    """Where a raster, REDUCED, has strokes darker than the paper: 255, else 0."""
    image = Image.frombuffer("L", (raster.width, raster.height), raster.pixels).reduce(REDUCED)
    paper = _paper(image.histogram())
    ink = image.point(lambda grey: 255 if grey < paper - DARK else 0)
    # Pictures and black borders: no stroke of a letter fills four reduced pixels either way.
    blocks = ink.resize((ink.width // 4 or 1, ink.height // 4 or 1), Image.Resampling.BOX)
    solid = blocks.point(lambda share: 255 if share == 255 else 0).filter(ImageFilter.MaxFilter(3))
    return ImageChops.subtract(ink, solid.resize(ink.size, Image.Resampling.NEAREST))


def _text_cells(ink: Image.Image, height: int) -> int:
    columns, rows = ink.width // (CELL * height), ink.height // height
    cells = ink.resize((max(columns, 1), max(rows, 1)), Image.Resampling.BOX)
    return sum(cells.histogram()[slice(*TEXT_INK)])


def softened(raster: Raster, times: int) -> Raster:
    """The raster, blurred `times`."""
    image = Image.frombytes("L", (raster.width, raster.height), raster.pixels)
    for _ in range(times):
        image = image.filter(_BLUR)
    return replace(raster, pixels=image.tobytes())
