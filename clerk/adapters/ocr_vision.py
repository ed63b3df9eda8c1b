"""Apple's Vision text recognition, on macOS only: grey rasters in, text out.

Needs `pip install pyobjc-framework-Vision pyobjc-framework-Quartz`. Elsewhere the constructor
refuses, so that `DEFAULT_OCR_BACKEND=vision` on a Linux server fails at the start and not page by
page. API: developer.apple.com/documentation/vision/vnrecognizetextrequest.

Accepted: Vision has no deadline; the Celery task's hard limit is the only one. Written to Apple's
reference and not run in our CI, which has no Mac.
"""

import importlib
import platform
import sys
from typing import Any

from clerk.errors import Unreadable, UnsupportedEngine
from clerk.model import Raster, Recognition

LANGUAGES = {
    "eng": "en-US",
    "spa": "es-ES",
    "fra": "fr-FR",
    "deu": "de-DE",
    "ita": "it-IT",
    "por": "pt-BR",
    "vie": "vi-VT",
    "kor": "ko-KR",
    "rus": "ru-RU",
    "chi_sim": "zh-Hans",
    "chi_tra": "zh-Hant",
}
"""Tesseract's names of languages -> Vision's."""


class VisionEngine:
    """Fulfils `ports.OcrEngine`. Raises UnsupportedEngine off macOS or without PyObjC."""

    def __init__(self) -> None:
        if sys.platform != "darwin":
            raise UnsupportedEngine(
                f"The OCR engine `vision` is part of macOS, and this machine runs {sys.platform}.",
                ["set DEFAULT_OCR_BACKEND=tesseract, or run the ocr workers on a Mac"],
            )
        try:
            self._vision: Any = importlib.import_module("Vision")
            self._quartz: Any = importlib.import_module("Quartz")
        except ImportError as error:
            raise UnsupportedEngine(
                "The OCR engine `vision` needs PyObjC.",
                ["pip install pyobjc-framework-Vision pyobjc-framework-Quartz"],
            ) from error

    @property
    def version(self) -> str:
        """`vision macOS 15.1`: the model comes with the system."""
        return f"vision macOS {platform.mac_ver()[0]}"

    def model(self, languages: str) -> str:
        """The languages: their models come with the system, so its version tells them apart."""
        unknown = [name for name in languages.split("+") if name not in LANGUAGES]
        if unknown:
            raise UnsupportedEngine(
                f"The OCR engine `vision` does not read {', '.join(unknown)}.",
                [f"it reads {', '.join(LANGUAGES)}; or set DEFAULT_OCR_BACKEND=tesseract"],
            )
        return languages

    def recognise(self, raster: Raster, languages: str, *, timeout: float) -> Recognition:  # noqa: ARG002 - Vision has no deadline
        """Text in Vision's reading order, a line each. Raises Unreadable("engine error")."""
        request = self._vision.VNRecognizeTextRequest.alloc().init()
        request.setRecognitionLevel_(self._vision.VNRequestTextRecognitionLevelAccurate)
        request.setRecognitionLanguages_(
            [LANGUAGES[name] for name in languages.split("+") if name in LANGUAGES]
        )
        handler = self._vision.VNImageRequestHandler.alloc().initWithCGImage_options_(
            self._image(raster), None
        )
        done, error = handler.performRequests_error_([request], None)
        if not done:
            raise Unreadable("engine error", f"Vision failed: {error}")
        best = [found.topCandidates_(1)[0] for found in request.results() or ()]
        scores = [float(candidate.confidence()) * 100 for candidate in best]
        return Recognition(
            text="\n".join(str(candidate.string()) for candidate in best),
            confidence=sum(scores) / len(scores) if scores else 0.0,
        )

    def orientation(
        self,
        raster: Raster,  # noqa: ARG002 - the port's signature
        *,
        timeout: float,  # noqa: ARG002 - likewise
    ) -> int | None:
        """None: Vision reads turned pages by itself and does not say how they were turned."""
        return None

    def _image(self, raster: Raster) -> Any:
        quartz = self._quartz
        provider = quartz.CGDataProviderCreateWithCFData(raster.pixels)
        return quartz.CGImageCreate(
            raster.width,
            raster.height,
            8,
            8,
            raster.width,
            quartz.CGColorSpaceCreateDeviceGray(),
            0,
            provider,
            None,
            False,
            quartz.kCGRenderingIntentDefault,
        )
