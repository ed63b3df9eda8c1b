"""Tesseract as a program, over pytesseract: grey rasters in, text out.

For machines that have no tesserocr wheel but a `tesseract` command. Pixels go in as a PGM file,
which costs a copy and no encoder (pytesseract itself would write a PNG: 0.2 s a page); text and
word confidences come from one run. The temporary folder goes with the page, whatever happens.
"""

import csv
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pytesseract import TesseractError, TesseractNotFoundError, get_tesseract_version
from pytesseract.pytesseract import run_tesseract

from clerk.adapters import tessdata, tesseract_words
from clerk.adapters.tesseract_words import Placed
from clerk.errors import Unreadable, UnsupportedEngine
from clerk.model import Raster, Recognition

OSD_CONFIDENCE = 1.0
"""As in ocr_tesserocr: below it the orientation is a guess."""


class PytesseractEngine:
    """Fulfils `ports.OcrEngine`. Raises UnsupportedEngine where there is no `tesseract` command."""

    def __init__(self) -> None:
        # Debian's build runs OpenMP threads that fight each other: 4.5 s a page with 2 workers
        # without this line, 0.9 s with it (docs/reading.md).
        os.environ["OMP_THREAD_LIMIT"] = "1"
        try:
            self._release = str(get_tesseract_version())
        except (TesseractNotFoundError, SystemExit) as error:
            raise UnsupportedEngine(
                "The OCR engine `pytesseract` needs the `tesseract` command, which is not in PATH.",
                ["apt install tesseract-ocr, or brew install tesseract, or pip install tesserocr"],
            ) from error

    @property
    def version(self) -> str:
        """`pytesseract 5.3.0 psm3`."""
        return f"pytesseract {self._release} psm3"

    def model(self, languages: str) -> str:
        """`eng-7d4322bd`: the trained data by its content. Raises UnsupportedEngine."""
        return tessdata.model(languages)

    def recognise(self, raster: Raster, languages: str, *, timeout: float) -> Recognition:
        """Text in reading order. Raises Unreadable, and UnsupportedEngine for missing data."""
        config = (
            f"--tessdata-dir {tessdata.find(languages)} --oem 1 --psm 3 --dpi {raster.dpi} "
            "-c tessedit_create_tsv=1"
        )
        with tempfile.TemporaryDirectory(prefix="clerk-ocr-") as folder:
            base = _run(
                raster,
                Path(folder),
                config=config,
                languages=languages,
                timeout=timeout,
            )
            table = base.with_suffix(".tsv").read_text(encoding="utf-8", errors="replace")
        return tesseract_words.recognition(_words(table))

    def orientation(self, raster: Raster, *, timeout: float) -> int | None:
        """Degrees clockwise to turn the raster upright; None where there is too little text."""
        config = f"--tessdata-dir {tessdata.find('osd')} --psm 0 --dpi {raster.dpi}"
        with tempfile.TemporaryDirectory(prefix="clerk-ocr-") as folder:
            try:
                base = _run(
                    raster,
                    Path(folder),
                    config=config,
                    languages="osd",
                    timeout=timeout,
                )
            except Unreadable as error:
                if error.reason != "engine error":  # `Too few characters` ends it with a code
                    raise
                return None
            report = base.with_suffix(".osd").read_text(encoding="utf-8", errors="replace")
        answers = dict(line.split(": ", 1) for line in report.splitlines() if ": " in line)
        if float(answers.get("Orientation confidence", 0)) < OSD_CONFIDENCE:
            return None
        return int(answers.get("Rotate", 0)) % 360


def _run(
    raster: Raster,
    folder: Path,
    *,
    config: str,
    languages: str,
    timeout: float,
) -> Path:
    """Run the program over the raster; answers the outputs' path without suffix."""
    page, base = folder / "page.pgm", folder / "out"
    page.write_bytes(b"P5 %d %d 255\n" % (raster.width, raster.height) + raster.pixels)
    try:
        run_tesseract(
            str(page),
            str(base),
            "",  # what to write is in `config`: the named presets lie in another folder
            languages,
            config=config,
            timeout=timeout,
        )
    except TesseractError as error:  # also a RuntimeError, so it comes first
        reason = "crash" if error.status < 0 else "engine error"  # by a signal: it may pass
        raise Unreadable(reason, f"tesseract failed: {str(error)[:500]}") from error
    except RuntimeError as error:  # pytesseract's only sign of a timeout; it has killed the program
        raise Unreadable("timeout", f"OCR did not finish within {timeout:.0f} s") from error
    return base


def _words(tsv: str) -> Iterator[Placed]:
    """The words of Tesseract's table, whose other rows (pages, blocks, …) have no confidence."""
    rows = csv.DictReader(tsv.split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE)
    paragraph = line = 0
    before: tuple[str, ...] = ()
    for row in rows:
        here = (row["block_num"], row["par_num"], row["line_num"])
        paragraph += here[:2] != before[:2]
        line += here != before
        before = here
        if float(row["conf"]) >= 0:
            left, top, width, height = (
                int(row[side]) for side in ("left", "top", "width", "height")
            )
            box = (left, top, left + width, top + height)
            yield Placed(paragraph, line, row["text"], float(row["conf"]), box)
