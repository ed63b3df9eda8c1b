"""Tesseract inside this process, over the `tesserocr` wheel: grey rasters in, text out.

The default engine. The model stays loaded between pages (loading costs 0.10 s), pixels go in
without a file or an encoder, and one thread does the work: parallelism comes from worker processes.
The trained data's folder is always given, so that no environment variable of the host decides it.

Limits: `Recognize` has a deadline of its own, which layout analysis (a fifth of a page's time)
looks at only when it is done, as the guess of an orientation does; the hard limit of
the Celery task stands behind it.
"""

import os
import time
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from clerk.adapters import tessdata, tesseract_words
from clerk.adapters.tesseract_words import Placed
from clerk.errors import Unreadable, UnsupportedEngine
from clerk.model import Raster, Recognition

try:
    import tesserocr
except ImportError:  # a platform without a wheel; the constructor says so
    tesserocr = None

OSD_CONFIDENCE = 1.0
"""Orientation scores below this are guesses; upright and turned pages score 2 to 20."""
VARIABLES = MappingProxyType({"debug_file": os.devnull})  # "Image too small to scale" and the like


class TesserocrEngine:
    """Fulfils `ports.OcrEngine`. Raises UnsupportedEngine where no wheel is installed."""

    def __init__(self) -> None:
        if tesserocr is None:
            raise UnsupportedEngine(
                "The OCR engine `tesserocr` is not installed.",
                ["pip install tesserocr, or set DEFAULT_OCR_BACKEND=pytesseract"],
            )
        # Read by OpenMP builds of Tesseract when they load; ours has none, a system's may.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        self._api: Any = None
        self._languages = ""
        self._osd: Any = None
        self._release = tesserocr.tesseract_version().split()[1]

    @property
    def version(self) -> str:
        """`tesserocr 5.5.4 psm3`: automatic page segmentation, LSTM only."""
        return f"tesserocr {self._release} psm3"

    def model(self, languages: str) -> str:
        """`eng-7d4322bd`: the trained data by its content. Raises UnsupportedEngine."""
        return tessdata.model(languages)

    def recognise(self, raster: Raster, languages: str, *, timeout: float) -> Recognition:
        """Text in reading order. Raises Unreadable, and UnsupportedEngine for missing data."""
        api = self._warm(languages)
        deadline = time.monotonic() + timeout
        try:
            _show(api, raster)
            finished = api.Recognize(max(int(timeout * 1000), 1))
            if not finished or time.monotonic() > deadline:
                raise Unreadable("timeout", f"OCR did not finish within {timeout:.0f} s")
            return tesseract_words.recognition(_words(api))
        except RuntimeError as error:
            raise Unreadable("engine error", f"Tesseract failed: {error}") from error
        finally:
            api.Clear()  # frees the page; the model stays

    def orientation(self, raster: Raster, *, timeout: float) -> int | None:
        """Degrees clockwise to turn the raster upright; None where there is too little text."""
        deadline = time.monotonic() + timeout
        if self._osd is None:
            self._osd = tesserocr.PyTessBaseAPI(
                path=_folder("osd"), lang="osd", psm=tesserocr.PSM.OSD_ONLY
            )
        try:
            _show(self._osd, raster)
            found = self._osd.DetectOrientationScript()
        except RuntimeError:
            return None
        finally:
            self._osd.Clear()
        if time.monotonic() > deadline:
            raise Unreadable("timeout", f"no orientation within {timeout:.0f} s")
        if not found or found["orient_conf"] < OSD_CONFIDENCE:
            return None
        # Tesseract tells how far the page has been turned clockwise; we turn it on to 360.
        return (360 - int(found["orient_deg"])) % 360

    def _warm(self, languages: str) -> Any:
        if self._languages != languages:
            self._end()
            self._api = self._loaded(languages)
            self._languages = languages
        return self._api

    def _loaded(self, languages: str) -> Any:
        folder = _folder(languages)
        try:
            api = tesserocr.PyTessBaseAPI(
                path=folder,
                lang=languages,
                psm=tesserocr.PSM.AUTO,
                oem=tesserocr.OEM.LSTM_ONLY,
            )
        except RuntimeError as error:
            raise UnsupportedEngine(
                f"Tesseract cannot load {languages} from {folder}.",
                ["the files may be damaged or of another version; install them again"],
            ) from error
        for name, value in VARIABLES.items():
            api.SetVariable(name, value)
        return api

    def _end(self) -> None:
        if self._api is not None:
            self._api.End()
        self._api, self._languages = None, ""


def _words(api: Any) -> Iterator[Placed]:
    """The words of the page that was recognised last."""
    found = api.GetIterator()
    if found is None:  # nothing that looks like text
        return
    level = tesserocr.RIL
    paragraph = line = 0
    for word in tesserocr.iterate_level(found, level.WORD):
        paragraph += word.IsAtBeginningOf(level.PARA)
        line += word.IsAtBeginningOf(level.TEXTLINE)
        if not word.Empty(level.WORD):
            yield Placed(
                paragraph,
                line,
                word.GetUTF8Text(level.WORD),
                float(word.Confidence(level.WORD)),
                word.BoundingBox(level.WORD),
            )


def _folder(languages: str) -> str:
    """Tesseract wants the closing slash."""
    return f"{tessdata.find(languages)}{os.sep}"


def _show(api: Any, raster: Raster) -> None:
    api.SetImageBytes(raster.pixels, raster.width, raster.height, 1, raster.width)
    api.SetSourceResolution(raster.dpi)
