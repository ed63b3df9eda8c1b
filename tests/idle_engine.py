"""An OCR engine that reads nothing, so that a run costs what clerk itself costs.

`installed` makes it known as the plug-in `idle`, as a distribution of somebody else would.
"""

import os
import time
from pathlib import Path

from clerk.model import Raster, Recognition
from tests.fuzz import samples

SECONDS = "IDLE_ENGINE_SECONDS"
"""In the environment of a worker: how long a page takes; 0 where it is not set."""
_SIDE = 72


class IdleEngine:
    """The same words for every page, after a given time."""

    version = "idle 1"

    def __init__(self) -> None:
        self._seconds = float(os.environ.get(SECONDS, "0"))

    def recognise(self, _raster: Raster, _languages: str, *, timeout: float) -> Recognition:
        time.sleep(self._seconds)
        return Recognition(text="The council met and adjourned.", confidence=95)

    def orientation(self, _raster: Raster) -> int | None:
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


def paper(pages: int, number: int) -> bytes:
    """A PDF of tiny pages with a mark and no text, which only OCR can read; `number` tells it
    from others."""
    leaf = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_SIDE} {_SIDE}] /Contents 3 0 R >>"
    ).encode()
    kids = " ".join(f"{4 + each} 0 R" for each in range(pages))
    tree = f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode()
    mark = samples.stream(f"{10 + number / 1000:.3f} 20 30 30 re f".encode())
    return samples.pdf([b"<< /Type /Catalog /Pages 2 0 R >>", tree, mark, *[leaf] * pages])
