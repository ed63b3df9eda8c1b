"""What can be seen of a raster without reading it: ink, none, and ink that was not read. Pure."""

import enum
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageMath, ImageOps

from clerk.model import Raster, Recognition

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""

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
"""Grey levels that ink differs from the paper; less may be shadow and JPEG noise."""
PALE_CONTRAST = 10
"""Grey levels that pale ink, at half the size and blurred, differs from the paper around it. Of a
page of text 20 levels darker than its paper 1.9 % did so, of an empty page with noise of 8 levels
0.008 %. The back side that shines through is pale ink too."""
PAPER = 8
"""By how much such a page is made smaller to have its paper, without what is written on it."""
PALE_STROKE = 12
"""Likewise of a reduced raster."""
FULL_BLACK = 30
"""Grey levels darker than the paper that become black where pale ink is made dark."""
LETTER = 0.15
"""Inches that a word is high where none was found."""
FEW_CELLS = 10
"""So few cells are specks, whatever their share."""
FEW_SHADED_CELLS = 4
"""Likewise under shading, where a row of headings has no more."""
SHADED = 0.01
"""Share of a page's area from which on a grey is shading: a row of headings."""
PEAK = 3
"""How much commoner it is than the rarest grey between it and the paper."""
SHADING_CONTRAST, SHADING_NOISE = 30, 40
"""Grey levels: that shading is darker than the paper, and that its own darkest spots are."""
DARKEST_SHADING = 60
SHADING_ROUGH = 80
"""Grey levels that neighbours in shading differ, of a reduced raster."""
DOTS = 0.05
"""Share of shading that is much darker than its mean, from which on it is made of dots."""
LIGHT = 165
"""Of 255: shares of the grey around it from which on a pixel is its noise, and no ink."""
STROKE = 7
"""Pixels at half the size: strokes of letters are thinner."""
RULE = (1, 2, 4, 8, 16, 16)
"""Steps whose sum, 47, a run of a reduced raster has to be long to be a ruled line."""
STEEPEST = 10
"""Degrees that lines may slope."""
LEVEL = 1.5
"""Degrees; less Tesseract reads as well, or better unsoftened."""
CLEARER = 1.2
"""How much sharper the rows of a page have to be once its lines are level."""
SMALL_PRINT = 0.045
"""Inches from letter to letter: 9 pixels at 200 dpi, print of 7 points and less. Usual print has 13
to 20, and where lines stand so close a blur joins them."""
LEAST_LETTERS = 4
"""Of the words that this is taken from."""
STRONGEST = 0.005
"""Share of a page's darkest pixels, which its ink is as dark as."""
PALE_BESIDE_INK = 1.0
"""Area of pale marks away from all ink, of that of the ink, from which on they hide it. Of the back
side shining through it was 2.8, of 18 pages of scans 0.00 to 0.19."""
CORE = 0.05
"""Share of the darkest pixels in the boxes of words that are the inside of their strokes."""
IN_FRONT = 20
"""Grey levels by which ink is darker than the back side's, shining through."""
_BLUR = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1))
"""Gaussian of 0.7 pixels (twice: of 1), at half the cost of Pillow's own; some 15 ms a page."""


def _paper(counts: list[int]) -> int:
    """The paper's grey: the commonest of a histogram."""
    return counts.index(max(counts))


class Ink(enum.Enum):
    """What a page has on it."""

    NONE = "none"
    PALE = "pale"
    """Faded writing, or the back side shining through."""
    PLAIN = "plain"


def ink(raster: Raster) -> Ink:
    """The page's ink: some 4 ms, and 20 more where none is plain."""
    image = Image.frombuffer("L", (raster.width, raster.height), raster.pixels)
    counts = image.histogram()
    paper = _paper(counts)
    plain = sum(counts[: max(paper - INK_CONTRAST, 0)]) + sum(counts[paper + INK_CONTRAST + 1 :])
    if plain >= BLANK_INK * len(raster.pixels):
        return Ink.PLAIN
    small = image.reduce(2).filter(_BLUR)
    paper_alone = small.reduce(PAPER).filter(ImageFilter.MedianFilter(5))
    around = paper_alone.resize(small.size, Image.Resampling.BILINEAR)
    counts = ImageChops.difference(small, around).histogram()
    pale = sum(counts[PALE_CONTRAST:]) >= BLANK_INK * sum(counts)
    return Ink.PALE if pale else Ink.NONE


def unread_share(
    raster: Raster, found: Recognition, *, pale: bool = False, few: int = FEW_CELLS
) -> float:
    """Of the cells of a page that look like text, the share in which no word was found, 0 to 1.

    `pale`: faded text too, for which noise and texture of the paper are now and then taken. 0 for
    less than `few` cells, and where the engine does not tell words apart.
    """
    if found.text.strip() and not found.words:
        return 0.0
    strokes = _without_rules(_pale(raster) if pale else _dark(raster))
    heights = sorted(word.box[3] - word.box[1] for word in found.words)
    usual = heights[len(heights) // 2] if heights else int(LETTER * raster.dpi)
    height = max(usual // REDUCED, 3)
    whole = _text_cells(strokes, height)
    draw = ImageDraw.Draw(strokes)
    for word in found.words:
        left, top, right, bottom = (side // REDUCED for side in word.box)
        draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), fill=0)
    unread = _text_cells(strokes, height)
    # A cell too full for text may be counted once part of it was read.
    return unread / max(whole, unread) if unread >= few else 0.0


def _dark(raster: Raster) -> Image.Image:
    """Where a raster, REDUCED, has strokes darker than the paper: 255, else 0."""
    image = _reduced(raster)
    paper = _paper(image.histogram())
    return _strokes(image.point(lambda grey: 255 if grey < paper - DARK else 0))


def _pale(raster: Raster) -> Image.Image:
    """Likewise of strokes little darker than the paper around them."""
    image = _reduced(raster)
    paper = image.reduce(PAPER).filter(ImageFilter.MedianFilter(3))
    around = paper.resize(image.size, Image.Resampling.BILINEAR)
    darker = ImageChops.subtract(around, image)
    return _strokes(darker.point(lambda grey: 255 if grey > PALE_STROKE else 0))


def _without_rules(strokes: Image.Image) -> Image.Image:
    """Without lines of an inch and more at 200 dpi: ruled tables, underlines; 3 ms a page."""
    across, down = _runs(strokes, 1, 0), _runs(strokes, 0, 1)
    return ImageChops.subtract(strokes, ImageChops.lighter(across, down))


def _runs(strokes: Image.Image, x: int, y: int) -> Image.Image:
    """What is part of a run of RULE pixels in one direction: eroded along it, then dilated."""
    runs = strokes
    for step in RULE:
        runs = ImageChops.darker(runs, _shifted(runs, step * x, step * y))
    for step in RULE:
        runs = ImageChops.lighter(runs, _shifted(runs, -step * x, -step * y))
    return runs


def _shifted(image: Image.Image, x: int, y: int) -> Image.Image:
    return image.transform(image.size, Image.Transform.AFFINE, (1, 0, x, 0, 1, y))


def _reduced(raster: Raster) -> Image.Image:
    whole = Image.frombuffer("L", (raster.width, raster.height), raster.pixels)
    return whole.reduce(REDUCED)


def _strokes(dark: Image.Image) -> Image.Image:
    """Without pictures and black borders: no stroke of a letter fills four reduced pixels a way."""
    blocks = dark.resize((dark.width // 4 or 1, dark.height // 4 or 1), Image.Resampling.BOX)
    solid = blocks.point(lambda share: 255 if share == 255 else 0).filter(ImageFilter.MaxFilter(3))
    return ImageChops.subtract(dark, solid.resize(dark.size, Image.Resampling.NEAREST))


def _text_cells(dark: Image.Image, height: int) -> int:
    columns, rows = dark.width // (CELL * height), dark.height // height
    cells = dark.resize((max(columns, 1), max(rows, 1)), Image.Resampling.BOX)
    return sum(cells.histogram()[slice(*TEXT_INK)])


def softened(raster: Raster, times: int) -> Raster:
    """The raster, blurred `times`."""
    image = Image.frombytes("L", (raster.width, raster.height), raster.pixels)
    for _ in range(times):
        image = image.filter(_BLUR)
    return replace(raster, pixels=image.tobytes())


def deepened(raster: Raster) -> Raster:
    """The raster with even paper and all ink black, pale one too; 90 ms a page.

    Thresholding draws one line between ink and paper: below a dark letterhead, faded lines are
    paper.
    """
    image = Image.frombytes("L", (raster.width, raster.height), raster.pixels)
    paper = image.reduce(2 * PAPER).filter(ImageFilter.MedianFilter(5))
    around = paper.resize(image.size, Image.Resampling.BILINEAR)
    darker = ImageChops.subtract(around, image.filter(_BLUR).filter(_BLUR))
    black = darker.point(lambda grey: 255 - min(255, grey * 255 // FULL_BLACK))
    return replace(raster, pixels=black.tobytes())


def cleared(raster: Raster) -> Raster | None:
    """The raster with its pale marks made white; None where there are few beside its ink; 30 ms.

    Of a back side that shines through, Tesseract's layout makes lines and takes those of the front
    apart.
    """
    image = Image.frombytes("L", (raster.width, raster.height), raster.pixels)
    small = image.reduce(2)
    middle, paper = _middle(small)
    dark = _darker(small, middle)
    marks = small.point(lambda grey: 255 if middle <= grey < paper - 2 * PALE_STROKE else 0)
    alone = ImageChops.subtract(marks, _around(dark, 2))
    if alone.histogram()[255] < PALE_BESIDE_INK * max(dark.histogram()[255], 1):
        return None
    soft = image.filter(_BLUR)  # at half the size thin strokes are paler
    near = _around(_darker(soft, _middle(soft)[0]), 1)
    clear = Image.composite(image, Image.new("L", image.size, 255), near)
    return replace(raster, pixels=clear.tobytes())


def _middle(image: Image.Image) -> tuple[int, int]:
    """The grey in the middle between ink and paper, and the paper's."""
    counts = image.histogram()
    paper, least = _paper(counts), STRONGEST * sum(counts)
    ink_grey = next(grey for grey, darker in enumerate(accumulate(counts)) if darker >= least)
    return (ink_grey + paper) // 2, paper


def _darker(image: Image.Image, than: int) -> Image.Image:
    return image.point(lambda grey: 255 if grey < than else 0)


def _around(dark: Image.Image, pixels: int) -> Image.Image:
    """What is dark and `pixels` around it; a tenth of the cost of Pillow's MaxFilter."""
    return dark.filter(ImageFilter.BoxBlur(pixels)).point(lambda share: 255 if share else 0)


def mirrored(raster: Raster) -> Raster:
    """The raster as its back side would show it."""
    image = Image.frombytes("L", (raster.width, raster.height), raster.pixels)
    return replace(raster, pixels=ImageOps.mirror(image).tobytes())


def in_front(raster: Raster, behind: Sequence[Box]) -> Raster:
    """What is darker than the back side's words, which stand at `behind` in the mirrored raster."""
    image = Image.frombytes("L", (raster.width, raster.height), raster.pixels)
    there = Image.new("L", image.size)
    draw = ImageDraw.Draw(there)
    for left, top, right, bottom in behind:
        draw.rectangle((raster.width - right, top, raster.width - left, bottom), fill=255)
    counts = image.histogram(there)
    least = CORE * sum(counts)
    core = next((grey for grey, darker in enumerate(accumulate(counts)) if darker > least), 0)
    near = _around(_darker(image.filter(_BLUR), core - IN_FRONT), 2)
    own = Image.composite(image, Image.new("L", image.size, 255), near)
    return replace(raster, pixels=own.tobytes())


def is_small_print(found: Recognition, dpi: int) -> bool:
    """Whether the letters of most words stand closer than SMALL_PRINT, and they are not few."""
    steps = sorted(
        max(word.box[2] - word.box[0], word.box[3] - word.box[1]) / len(word.text)
        for word in found.words
        if len(word.text) >= LEAST_LETTERS
    )
    return len(steps) >= FEW_CELLS and steps[len(steps) // 2] < SMALL_PRINT * dpi


def slope(raster: Raster) -> float:
    """Degrees counterclockwise that make the page's lines level; 0 where they are, or are none.

    That turn is taken at which rows of ink and of paper alternate most sharply; 40 ms a page.
    """
    strokes = _dark(raster)
    flat = _sharpness(strokes, 0.0)
    coarse = max(range(-STEEPEST, STEEPEST + 1), key=lambda turn: _sharpness(strokes, turn))
    near = [coarse + quarter / 4 for quarter in range(-3, 4)]
    best = max(near, key=lambda turn: _sharpness(strokes, turn))
    worth = abs(best) >= LEVEL and _sharpness(strokes, best) > CLEARER * flat
    return best if worth else 0.0


def _sharpness(strokes: Image.Image, turn: float) -> int:
    rows = strokes.rotate(turn).resize((1, strokes.height), Image.Resampling.BOX).tobytes()
    return sum((one - other) ** 2 for one, other in pairwise(rows))


def levelled(raster: Raster, turn: float) -> Raster:
    """The raster turned by `turn` degrees counterclockwise, with its corners; 60 ms a page."""
    image = Image.frombytes("L", (raster.width, raster.height), raster.pixels)
    grey = _paper(image.histogram())
    level = image.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=grey)
    return replace(raster, width=level.width, height=level.height, pixels=level.tobytes())


def unshaded(raster: Raster, *, lost: bool) -> Raster | None:
    """The raster with its shading made white; None where there is none: 2 ms, else some 150.

    Thresholding draws one line between ink and paper, and where rows are shaded, they are ink.
    `lost`: text was not read, so shading is looked for where no grey of it is common.
    """
    small = _reduced(raster)
    # On most pages there is no other grey, and it need not be told from letters.
    even = _even(small) if _second_peak(small.histogram()) else None
    shade = _second_peak(small.histogram(even)) if even else 0
    if not (shade or lost):
        return None
    image = Image.frombytes("L", (raster.width, raster.height), raster.pixels)
    if even and shade and _is_dotted(image, small, even, shade):
        soft = image.filter(_BLUR).filter(_BLUR)
        white = soft.point(_whitened(shade - SHADING_NOISE))
    else:
        flat = _over_background(image, least=0 if shade else SHADED)
        if flat is None:
            return None
        white = flat.filter(_BLUR)
    return replace(raster, pixels=white.tobytes())


def _is_dotted(image: Image.Image, small: Image.Image, even: Image.Image, shade: int) -> bool:
    """Whether a grey of the reduced image, where it is even, is of dots that are darker by far."""
    there = ImageChops.darker(small.point(lambda grey: 255 if abs(grey - shade) <= 8 else 0), even)
    area = there.resize((small.width * REDUCED, small.height * REDUCED), Image.Resampling.NEAREST)
    counts = image.crop((0, 0, *area.size)).histogram(area)
    return sum(counts[: max(shade - SHADING_CONTRAST * 2, 0)]) > DOTS * sum(counts)


def _over_background(image: Image.Image, least: float) -> Image.Image | None:
    """Shaded places by the grey around them, which strokes are too thin for; black stays so.

    None where less than a share of `least` of the page is shaded.
    """
    half = image.reduce(2)
    closed = half.filter(ImageFilter.MaxFilter(STROKE)).filter(ImageFilter.MinFilter(STROKE))
    light = _paper(image.histogram()) - SHADING_CONTRAST
    shaded = closed.point(lambda grey: 255 if grey < light else 0)
    if shaded.histogram()[255] < least * half.width * half.height:
        return None
    background = closed.point(lambda grey: max(grey, DARKEST_SHADING))
    whole = background.resize(image.size, Image.Resampling.BILINEAR)
    flat = ImageMath.lambda_eval(
        lambda args: args["convert"](args["min"](args["image"] * 255 / args["whole"], 255), "L"),
        image=image,
        whole=whole,
    )
    flat = flat.point(_whitened(LIGHT))
    return Image.composite(flat, image, shaded.resize(image.size, Image.Resampling.NEAREST))


def _whitened(least: int) -> list[int]:
    return [255 if grey > least else grey for grey in range(256)]


def _even(image: Image.Image) -> Image.Image:
    """Where a reduced image has no letters: 255, else 0."""
    # Letters have edges within three reduced pixels; dots that make a grey are finer.
    highest, lowest = ImageFilter.MaxFilter(3), ImageFilter.MinFilter(3)
    rough = ImageChops.subtract(image.filter(highest), image.filter(lowest))
    return rough.point(lambda contrast: 255 if contrast < SHADING_ROUGH else 0)


def _second_peak(counts: list[int]) -> int:
    """The commonest grey but the paper's, if there are fewer between the two; else 0."""
    paper = _paper(counts)
    # A reduced page without greys has 17 of them, 16 levels apart.
    near = [sum(counts[max(grey - 8, 0) : grey + 9]) for grey in range(paper + 1)]
    between = range(DARKEST_SHADING, paper - SHADING_CONTRAST)
    shade = max(between, key=near.__getitem__, default=0)
    least = max(SHADED * sum(counts), PEAK * min(near[shade:]))
    return shade if near[shade] >= least else 0
