"""An OCR engine that reads nothing, so that a run costs what clerk itself costs.

`installed` makes it known as the plug-in `idle`, as a distribution of somebody else would.
"""

import hashlib
import os
import time
from pathlib import Path

from clerk.errors import UnsupportedEngine
from clerk.model import Raster, Recognition
from tests.fuzz import samples

SECONDS = "IDLE_ENGINE_SECONDS"
"""In the environment of a worker: how long a page takes; 0 where it is not set."""
MODEL = "IDLE_ENGINE_MODEL"
"""In the environment of a worker: the file without which the engine cannot read."""
_BOX = "[0 0 72 72]"


class IdleEngine:
    """The same words for every page, after a given time."""

    version = "idle 1"

    def __init__(self) -> None:
        self._seconds = float(os.environ.get(SECONDS, "0"))

    def model(self, languages: str) -> str:
        model = os.environ.get(MODEL)
        if model and not Path(model).exists():
            raise UnsupportedEngine(f"No data for {languages}.", [f"put it into {model}"])
        return languages

    def recognise(self, _raster: Raster, _languages: str, *, timeout: float) -> Recognition:
        time.sleep(self._seconds)
        return Recognition(text="The council met and adjourned.", confidence=95)

    def orientation(self, _raster: Raster, *, timeout: float) -> int | None:
        return None


def installed(folder: Path, seconds: float = 0) -> dict[str, str]:
    """Register the engine in `folder`; answers what a worker's environment needs to find it."""
    registered = folder / "idle_engine-1.dist-info"
    registered.mkdir(parents=True)
    (registered / "METADATA").write_text("Metadata-Version: 2.1\nName: idle-engine\nVersion: 1\n")
    (registered / "entry_points.txt").write_text(
        "[clerk.ocr_engines]\nidle = tests.idle_engine:IdleEngine\n"
    )
    root = Path(__file__).parents[1]
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(root)]), SECONDS: str(seconds)}


def paper(pages: int, title: str) -> bytes:
    """A PDF of tiny pages with bars and no text, which only OCR can read.

    No two pages look alike, nor those of two titles: equal pages are read once.
    """
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
    ]
    for number in range(pages):
        content = 4 + 2 * number
        leaf = f"<< /Type /Page /Parent 2 0 R /MediaBox {_BOX} /Contents {content} 0 R >>"
        objects += [leaf.encode(), samples.stream(_bars(f"{title} {number}"))]
    return samples.pdf(objects)


def _bars(seed: str) -> bytes:
    heights = hashlib.blake2b(seed.encode(), digest_size=16).digest()
    bars = (f"{4 * place} 0 3 {10 + byte // 4} re f" for place, byte in enumerate(heights))
    return " ".join(bars).encode()
