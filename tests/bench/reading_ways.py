"""Ways of reading pages, each run in a process of its own: `python -m tests.bench.reading_ways`.

Reads a job as JSON from stdin ({"way": …, "watch": seconds, "pages": [[path, number], …]}), writes
what it read and what it cost as JSON to stdout. A way is a function from nothing to a function from
page to text; the first page is read once before the clock starts, as in a worker that is warm.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytesseract
from PIL import Image

from clerk.adapters import tessdata
from clerk.adapters.pdf import PdfChild
from clerk.adapters.plugins import load_engine
from clerk.model import Decision, PageLayer, PdfInfo, Raster
from clerk.ports import OcrEngine, PdfSandbox
from clerk.stages.read import always, never, read_page

Reader = Callable[[Path, int], str]

PEER_SIZE = (1276, 1648)
"""Pixels into which the peer scales every page, whatever its shape."""


def peer() -> Reader:
    """The peer's recipe: pdftoppm through pdf2image to PNG, saved again, `tesseract` eng+spa.

    The commands that pdf2image runs, without the package: pdftoppm writes a PNG, Pillow loads it
    and saves it, the command reads it.
    """

    def read(pdf: Path, number: int) -> str:
        with tempfile.TemporaryDirectory() as folder:
            page, again = Path(folder) / "page", Path(folder) / "again.png"
            size = ["-scale-to-x", str(PEER_SIZE[0]), "-scale-to-y", str(PEER_SIZE[1])]
            one = ["-f", str(number), "-l", str(number), "-singlefile"]
            subprocess.run(
                ["pdftoppm", "-png", "-r", "150", *size, *one, str(pdf), str(page)], check=True
            )
            with Image.open(page.with_suffix(".png")) as image:
                image.save(again, "PNG")
            command = ["tesseract", "-l", "eng+spa", "--dpi", "150", "--oem", "1", again, "stdout"]
            done = subprocess.run(
                command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            return done.stdout.decode()

    return read


def plain_pytesseract() -> Reader:
    """What a first search on the web gives: 300 dpi, image_to_string."""

    def read(pdf: Path, number: int) -> str:
        document = pypdfium2.PdfDocument(pdf)
        image = document[number - 1].render(scale=300 / 72).to_pil()
        document.close()
        return str(pytesseract.image_to_string(image, lang="eng"))

    return read


def bare_tesserocr() -> Reader:
    """The engine in a loop without a child, a rule, limits or a second look: the floor."""
    import tesserocr

    api = tesserocr.PyTessBaseAPI(
        path=f"{tessdata.find('eng')}{os.sep}",
        lang="eng",
        psm=tesserocr.PSM.AUTO,
        oem=tesserocr.OEM.LSTM_ONLY,
    )

    def read(pdf: Path, number: int) -> str:
        document = pypdfium2.PdfDocument(pdf)
        bitmap = document[number - 1].render(scale=200 / 72, grayscale=True)
        api.SetImageBytes(bytes(bitmap.buffer), bitmap.width, bitmap.height, 1, bitmap.stride)
        api.SetSourceResolution(200)
        text = str(api.GetUTF8Text())
        document.close()
        return text

    return read


def clerk_ocr(
    backend: str = "tesserocr", dpi: int = 200, *, second: bool = True, languages: str = "eng"
) -> Reader:
    """clerk's OCR of a page in whole: child, rule, engine, second look."""
    sandbox, engine = PdfChild(), load_engine(backend)
    return _clerk_reader(sandbox, engine, dpi, second=second, languages=languages)


def _clerk_reader(
    sandbox: PdfSandbox, engine: OcrEngine, dpi: int, *, second: bool, languages: str = "eng"
) -> Reader:
    def read(pdf: Path, number: int) -> str:
        return read_page(
            sandbox,
            engine,
            pdf,
            number,
            dpi=dpi,
            languages=languages,
            timeout=300,
            afford=always if second else never,
        ).text

    return read


def clerk_rule() -> Reader:
    """clerk as it runs: the text layer where it is good, else OCR."""
    sandbox, engine = PdfChild(), load_engine("tesserocr")
    ocr = _clerk_reader(sandbox, engine, 200, second=True)

    def read(pdf: Path, number: int) -> str:
        (layer,) = sandbox.layers(pdf, number, number)
        if isinstance(layer, Exception):
            raise layer
        return ocr(pdf, number) if layer.decision is Decision.OCR else layer.text

    return read


def clerk_layer() -> Reader:
    """Decision and text of the text layer alone; what OCR would have to read stays empty."""
    sandbox = PdfChild()

    def read(pdf: Path, number: int) -> str:
        (layer,) = sandbox.layers(pdf, number, number)
        return "" if isinstance(layer, Exception) else layer.text

    return read


def raw_layer() -> Reader:
    """Whatever text layer there is, good or bad."""

    def read(pdf: Path, number: int) -> str:
        document = pypdfium2.PdfDocument(pdf)
        text = document[number - 1].get_textpage().get_text_range().replace("\ufffe", "")
        document.close()
        return str(text)

    return read


class Turned:
    """The PDF child, with every page laid on the glass turned clockwise."""

    def __init__(self, sandbox: PdfChild, turn: int) -> None:
        self._sandbox = sandbox
        self._turn = turn

    def info(self, pdf: Path) -> PdfInfo:
        return self._sandbox.info(pdf)

    def layers(self, pdf: Path, first: int, last: int) -> Iterator[PageLayer | Exception]:
        return self._sandbox.layers(pdf, first, last)

    def render(self, pdf: Path, number: int, dpi: int, rotate: int = 0) -> Raster:
        return self._sandbox.render(pdf, number, dpi, rotate + self._turn)

    def picture(self, pdf: Path, number: int, into: Path) -> None:
        self._sandbox.picture(pdf, number, into)

    def close(self) -> None:
        self._sandbox.close()


def turned(turn: int, *, second: bool) -> Reader:
    """Pages that were scanned sideways or upside down."""
    return _clerk_reader(Turned(PdfChild(), turn), load_engine("tesserocr"), 200, second=second)


WAYS: dict[str, Callable[[], Reader]] = {
    "peer": peer,
    "pytesseract 300 dpi": plain_pytesseract,
    "bare tesserocr 200 dpi": bare_tesserocr,
    "clerk tesserocr": clerk_ocr,
    "clerk tesserocr, first pass": lambda: clerk_ocr(second=False),
    "clerk tesserocr 150 dpi": lambda: clerk_ocr(dpi=150),
    "clerk tesserocr 300 dpi": lambda: clerk_ocr(dpi=300),
    "clerk pytesseract": lambda: clerk_ocr("pytesseract"),
    "clerk rule": clerk_rule,
    "clerk layer": clerk_layer,
    "raw layer": raw_layer,
    **{
        f"turned {turn}, {name}": lambda turn=turn, second=second: turned(turn, second=second)
        for turn in (90, 180, 270)
        for name, second in (("first pass", False), ("second look", True))
    },
}


class Memory(threading.Thread):
    """Watches the proportional set size of this process and its children every `seconds`.

    A look walks all their memory maps and costs milliseconds: often for peaks, rarely for times.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(daemon=True)
        self._seconds = seconds
        self.peak = 0
        self._stop_asked = threading.Event()

    def run(self) -> None:
        while not self._stop_asked.wait(self._seconds):
            self.peak = max(self.peak, sum(map(_pss, _family(os.getpid()))))

    def end(self) -> int:
        self._stop_asked.set()
        self.join()
        return self.peak


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _pss(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has just ended, or this is no Linux
        return 0
    return next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if "Pss:" in line), 0)


def cpu_seconds() -> float:
    """Of this process and all its children, those that still run too."""
    mine, theirs = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrusage(resource.RUSAGE_CHILDREN),
    )
    ended = mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime
    return ended + _living_children()


def _living_children() -> float:
    """CPU seconds of children that still run: a PDF child is only counted once it has ended."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for pid in _family(os.getpid())[1:]:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / ticks


def main() -> None:
    """One job; timing starts once the page reader is warm, memory from the beginning."""
    job = json.load(sys.stdin)
    memory = Memory(job["watch"])
    memory.start()
    read = WAYS[job["way"]]()
    if job["pages"]:
        read(Path(job["pages"][0][0]), job["pages"][0][1])
    cpu, wall = cpu_seconds(), time.monotonic()
    texts = [read(Path(path), number) for path, number in job["pages"]]
    wall = time.monotonic() - wall
    cpu = cpu_seconds() - cpu
    json.dump({"texts": texts, "cpu": cpu, "wall": wall, "pss": memory.end()}, sys.stdout)


if __name__ == "__main__":
    main()
