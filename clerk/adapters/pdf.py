"""PDFs behind `ports.PdfSandbox`: file paths in, text layers, rasters and pictures out.

No byte of a PDF is parsed here. A child process (`pdf_child`) does that, locked in by `confine`; it
is kept for many pages and replaced after a crash, a limit, or when it has grown. This side holds
the wall clock, checks every size the child claims, and cleans every text it sends: a child that a
PDF has taken over can answer nonsense for that PDF, and nothing else.

Lives in a worker child (a daemonic prefork process, so no multiprocessing) and is not for several
threads at once. Started lazily; after a fork the copy forgets the original's child and starts its
own.

    info / layers / render / picture
        |  request + descriptor          Unix socket          header + bytes
        v
    _Process.exchange  ------------------------------------>  pdf_child

Accepted: a hung child costs its wall limit once for each page that hangs it. A document map that
shrinks while it is read (nobody does that to a stored file) crashes the child, which is replaced.
"""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from clerk.adapters.files import atomic_write
from clerk.adapters.text_layer import LayerFacts, decide
from clerk.errors import Transient, Unreadable
from clerk.model import Decision, PageLayer, PdfInfo, Raster
from clerk.text import clean, counted, join_split_words

MEBIBYTE = 1024 * 1024
START_SECONDS = 60.0
"""Until a new child says it is ready: 0.3 s on an idle core, far more on a crowded one."""
MAX_REQUESTS = 2_000
"""Then a fresh child: pdfium's caches and any small leak end with it."""
MAX_REFUSED = 100
"""Documents remembered for pages whose form, layers or faults were too much."""
MAX_SLOW_PAGES = 3
"""Of a document: then no page of it is tried any more, since the document may be what is slow."""
MAX_RESIDENT = 160 * MEBIBYTE
"""A child larger than this between pages is replaced, so that a worker child and its PDF child stay
below 350 MB together."""
MAX_HEADER = 64 * 1024
_COMMAND = (sys.executable, "-P", "-B", "-m", "clerk.adapters.pdf_child")
_REASONS = frozenset(
    {"corrupt", "encrypted", "protected", "empty", "not a pdf", "memory", "too large"}
    | {"missing page"}
)
_PROTECTED = "protected"
"""The child's word for what no password opens; stored as `encrypted`."""
_EXPLAINED = {
    "corrupt": "is damaged, and pdfium cannot repair it; ask the publisher for a sound copy",
    "encrypted": "is locked with a password; ask the publisher for an open copy",
    _PROTECTED: "is locked by a certificate or rights management; ask for an open copy",
    "empty": "holds no page",
    "missing page": "is not where the file lists it; ask the publisher for a sound copy",
    "not a pdf": "is not a PDF, whatever its name says",
    "timeout": "took longer than its time limit (limits.page)",
    "memory": "needs more memory than a PDF child may have (limits.pdf_memory)",
    "crash": "made the PDF library crash; the child was replaced",
    "too large": "holds more than the output limit",
}

_FAULTS = {"content": "part of its content is damaged", "picture": "a picture on it is damaged"}
_MISSING = "and {}: text may be missing"
_NO_FIELDS = "form fields not read: too slow"

_MOST = 2**31
"""Of whatever a child counts."""
_LONGEST = 1e39
"""Points: more than pdfium's numbers hold."""
_SHOWN = {"width": int, "height": int, "dpi": int, "empty": bool, "undrawn": bool}
_FIELDS: dict[str, dict[str, type]] = {
    "info": {"pages": int},
    "leaves": {"pages": int},
    "faults": dict.fromkeys(_FAULTS, bool),
    "layer": {
        **dict.fromkeys(
            ("width", "height", "unmapped", "invisible", "cover", "ink", "beside"), float
        ),
        **dict.fromkeys(("unseen", "segments", "attached"), int),
        **dict.fromkeys(("annotated", "crowded", "hiding", "nameless", "dynamic"), bool),
    },
    "filled": {},
    "fields": {"fields": bool},
    "render": _SHOWN,
    "picture": {},
}
"""What the header of an answer holds, for each operation."""

_Answer = tuple[dict[str, Any], bytes]


class _Died(Exception):
    """The child closed its end."""


class _Nonsense(_Died):
    """The child answers what no child of ours does: it is to be ended."""


class _Process:
    """One PDF child and the socket to it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._ours, theirs = socket.socketpair()
        self.owner = os.getpid()
        self.answered = 0
        self.resident = 0
        self.fit = True
        """False once an exchange was cut short: the socket may hold half an answer."""
        try:
            self._popen = subprocess.Popen(
                [*_COMMAND, json.dumps(settings)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_environment(),
                cwd="/",
                process_group=0,
            )
        finally:
            theirs.close()
        self._ours.setblocking(False)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._popen.pid

    def ready(self) -> list[str]:
        """Wait for the first word; answers the locks that hold. Raises Transient."""
        try:
            header, _ = self._receive(time.monotonic() + START_SECONDS, 0)
        except (_Died, TimeoutError) as error:
            self.end()
            raise Transient(
                "The PDF child did not start; its own message is in this worker's error output. "
                "Check with: python -c 'import pypdfium2, PIL'"
            ) from error
        return list(header.get("locks", ()))

    def exchange(
        self, request: dict[str, Any], descriptor: int, *, seconds: float, most: int
    ) -> _Answer:
        """One request, one answer. Raises _Died, TimeoutError; then the child is to be ended.

        So is it after any other exception in between (a Celery soft limit, Ctrl-C): see `fit`.
        """
        self.fit = False
        deadline = time.monotonic() + seconds
        encoded = json.dumps(request).encode()
        try:
            # A request of 200 bytes always fits into the socket's empty buffer.
            socket.send_fds(self._ours, [struct.pack("!I", len(encoded)) + encoded], [descriptor])
        except OSError as error:
            raise _Died from error
        header, payload = self._receive(deadline, most)
        if not _is_sound(header, request["op"]):
            raise _Nonsense
        self.fit = True
        self.answered += 1
        self.resident = header["resident"]
        return header, payload

    def _receive(self, deadline: float, most: int) -> _Answer:
        (length,) = struct.unpack("!I", self._exactly(4, deadline))
        if length > MAX_HEADER:
            raise _Nonsense
        try:
            header = json.loads(self._exactly(length, deadline))
            size = header["size"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _Nonsense from error
        if not _fits(size, int):
            raise _Nonsense
        if size > most:
            raise Unreadable("too large", f"an answer of {size:,} bytes exceeds {most:,}")
        return header, self._exactly(size, deadline)

    def _exactly(self, length: int, deadline: float) -> bytes:
        buffer = bytearray(length)
        view = memoryview(buffer)
        while view:
            self._wait(deadline)
            try:
                got = self._ours.recv_into(view)
            except BlockingIOError:
                continue
            except OSError as error:
                raise _Died from error
            if got == 0:
                raise _Died
            view = view[got:]
        return bytes(buffer)

    def _wait(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._ours, select.POLLIN)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError

    def end(self) -> tuple[int, int]:
        """Kill whatever is left of it; answers (exit code, peak resident bytes)."""
        self._ours.close()
        if self.owner != os.getpid():  # a copy made by fork: the process belongs to the original
            return 0, 0
        if self._popen.returncode is not None:
            return self._popen.returncode, 0
        # Let one that is dying by itself finish, so that its own signal is what we report.
        status, usage = self._reap(0.2)
        if status is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
            _, status, usage = os.wait4(self._popen.pid, 0)
        self._popen.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024
        return self._popen.returncode, usage.ru_maxrss * unit

    def _reap(self, seconds: float) -> tuple[int | None, Any]:
        deadline = time.monotonic() + seconds
        while True:
            pid, status, usage = os.wait4(self._popen.pid, os.WNOHANG)
            if pid:
                return status, usage
            if time.monotonic() >= deadline:
                return None, None
            time.sleep(0.005)


def _is_sound(header: dict[str, Any], operation: str) -> bool:
    """Whether an answer holds what it should: a child that a PDF has taken over sends anything."""
    if not _fits(header.get("resident"), int):
        return False
    if "error" in header:
        return isinstance(header["error"], str) and header["error"] in _REASONS
    return all(_fits(header.get(name), kind) for name, kind in _FIELDS[operation].items())


def _fits(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, float | int) and -_LONGEST < value < _LONGEST
    return type(value) is kind and 0 <= value < _MOST  # type: ignore[operator]


def _environment() -> dict[str, str]:
    """No secret of ours; only where Python finds the same modules as here."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(folder for folder in sys.path if folder),
    }


class PdfChild:
    """Fulfils `ports.PdfSandbox`.

    `memory`: bytes of address space of the child. `page_seconds` and `cpu_seconds`: wall time and
    CPU of one request. `pixels`: most in one raster. `output_bytes`: most in one answer.
    `picture_format` (`off`: jpeg, should one be asked for), `picture_dpi` 150 and `picture_quality`
    75 cost 6.5 ms and 280 KiB a scan page (WebP 49 ms and 194 KiB, PNG 176 ms and 869 KiB).

    Every method but `close` raises Unreadable(reason), FileNotFoundError when `pdf` is not there,
    and Transient when no child can be started.
    """

    def __init__(
        self,
        *,
        memory: int = 1536 * MEBIBYTE,
        page_seconds: float = 60.0,
        cpu_seconds: float = 60.0,
        pixels: int = 13_000_000,
        picture_format: Literal["webp", "jpeg", "png", "off"] = "jpeg",
        picture_dpi: int = 150,
        picture_quality: int = 75,
        output_bytes: int = 128 * MEBIBYTE,
    ) -> None:
        self._page_seconds = page_seconds
        self._output_bytes = output_bytes
        self._memory = memory
        self._settings = {
            "memory": memory,
            "cpu_seconds": max(int(cpu_seconds), 1),
            "life_cpu_seconds": max(int(cpu_seconds), 1) * MAX_REQUESTS,
            "pixels": pixels,
            "picture_format": "jpeg" if picture_format == "off" else picture_format,
            "picture_dpi": picture_dpi,
            "picture_quality": picture_quality,
        }
        self._process: _Process | None = None
        self._refused: dict[tuple[object, ...], set[int]] = {}
        """File, operation and whether by names of glyphs -> pages that were too much."""
        self.locks: list[str] = []
        """Which locks the newest child reported (confine.confine); empty before the first."""

    @property
    def pid(self) -> int | None:
        """The living child's process id, for measuring; None before the first request."""
        return self._process.pid if self._process else None

    def info(self, pdf: Path) -> PdfInfo:
        """Open the file and count its pages."""
        header, _ = self._ask(pdf, {"op": "info"})
        # pdfium believes the count that the file states, and leaves out pages past it.
        held = self._extra(pdf, {"op": "leaves"})
        return PdfInfo(pages=max(header["pages"], held[0]["pages"] if held else 0))

    def layers(self, pdf: Path, first: int, last: int) -> Iterator[PageLayer | Exception]:
        """Verdicts of pages first..last, one item a page; an Unreadable stands for its page.

        For Decision.OCR `text` is set only where the layer is good and OCR shall add to it.
        """
        for number in range(first, last + 1):
            try:
                yield self._layer(pdf, number)
            except Unreadable as error:
                yield error

    def _layer(self, pdf: Path, number: int) -> PageLayer:
        header, text, notes = self._text(pdf, number)
        faults = self._faults(pdf, number)
        decision, reason, keep = decide(
            LayerFacts(
                text=text,
                unmapped=header["unmapped"],
                invisible=header["invisible"],
                cover=header["cover"],
                segments=header["segments"],
                # Ink was measured without the form; drawing the page for OCR shows all of it.
                ink=1.0 if header["annotated"] else header["ink"],
                beside=1.0 if header["annotated"] else header["beside"],
                damaged="picture" in faults,
            )
        )
        if faults:
            if decision is Decision.BLANK:
                raise _unreadable(pdf, {"number": number}, "corrupt")
            notes.insert(0, _MISSING.format(" and ".join(_FAULTS[fault] for fault in faults)))
        reason = ", ".join([reason, *notes])
        if keep and (unseen := header["unseen"]):
            reason = f"{reason}; {counted(unseen, 'letter')} that nobody sees left out"
        return PageLayer(
            number=number,
            decision=decision,
            reason=reason,
            text=join_split_words(clean(text)) if keep and decision is not Decision.BLANK else "",
            width=header["width"],
            height=header["height"],
        )

    def _text(self, pdf: Path, number: int) -> tuple[dict[str, Any], str, list[str]]:
        """A page's facts, its text with what its form shows, and notes of what was not read."""
        request = {"op": "layer", "number": number, "by_name": False}
        header, payload = self._ask(pdf, {**request, "as_seen": False})
        notes, as_seen = [], False
        if header["hiding"]:
            if answer := self._extra(pdf, {**request, "as_seen": True}):
                as_seen, (header, payload) = True, answer
            else:
                notes.append("hidden letters not looked for: too slow")
        by_name = {**request, "as_seen": as_seen, "by_name": True}
        if header["nameless"] and (answer := self._extra(pdf, by_name)):
            header, payload = answer
        text = _decoded(payload)
        if header["annotated"]:
            text, note = self._filled_in(pdf, number, text, as_seen=as_seen)
            notes += [note] if note else []
        if header["crowded"]:
            notes.append("form fields and notes not read: too many")
        return header, text, notes + (_about_file(header) if number == 1 else [])

    def render(self, pdf: Path, number: int, dpi: int, rotate: int = 0) -> Raster:
        """Page `number` in grey at `dpi` or, where the pixel cap requires it, lower."""
        request = {"op": "render", "number": number, "dpi": dpi, "rotate": rotate % 360}
        (header, payload), note = self._with_fields(pdf, request)
        if header["empty"] and self._faults(pdf, number):
            raise _unreadable(pdf, request, "corrupt")
        width, height = header["width"], header["height"]
        if width * height != len(payload) or not width or not header["dpi"]:
            self.close()
            raise Unreadable("crash", f"{pdf.name}, page {number}: the PDF child sent half a page")
        undrawn = _MISSING.format(_FAULTS["picture"]) if header["undrawn"] else ""
        return Raster(
            width=width,
            height=height,
            dpi=header["dpi"],
            pixels=payload,
            lacks=tuple(filter(None, (undrawn, note))),
        )

    def picture(self, pdf: Path, number: int, into: Path) -> None:
        """Encode the page's public image into the file `into`, all at once."""
        (_, payload), _ = self._with_fields(pdf, {"op": "picture", "number": number})
        with atomic_write(into) as file:
            file.write(payload)

    def _faults(self, pdf: Path, number: int) -> list[str]:
        """What of a page cannot be had whole; nothing where that takes too long to tell."""
        answer = self._extra(pdf, {"op": "faults", "number": number})
        return [fault for fault in _FAULTS if answer and answer[0][fault]]

    def _filled_in(self, pdf: Path, number: int, plain: str, *, as_seen: bool) -> tuple[str, str]:
        """`plain`, a page's text, and what its fields and notes show; a note if that is not had."""
        request = {"op": "filled", "number": number, "as_seen": as_seen}
        answer = self._extra(pdf, {**request, "filled": True})
        if answer is None:
            return plain, _NO_FIELDS
        shown = _decoded(answer[1]).strip()
        return (f"{plain.rstrip()}\n{shown}" if shown else plain), ""

    def _with_fields(self, pdf: Path, request: dict[str, Any]) -> tuple[_Answer, str]:
        """A page drawn with its form fields; or, with a note, without where they cost too much."""
        header, _ = self._ask(pdf, {"op": "fields", "number": request["number"]})
        if header["fields"] and (answer := self._extra(pdf, {**request, "filled": True})):
            return answer, ""
        note = _NO_FIELDS if header["fields"] else ""
        return self._ask(pdf, {**request, "filled": False}), note

    def _extra(self, pdf: Path, request: dict[str, Any]) -> _Answer | None:
        """An answer that pages can do without; None where it is too much.

        It may take seconds and megabytes, again in each child and after each other document. What
        has been too much once is not tried again by this process.
        """
        what = request["op"], request.get("by_name", False)
        about, number = (*_stamp(pdf.stat()), *what), request.get("number", 0)
        slow = self._refused.get(about, set())
        if number in slow or len(slow) >= MAX_SLOW_PAGES:
            return None
        try:
            answer = self._ask(pdf, request)
        except Unreadable:
            answer = None
        if answer is None or self._process is None:  # replaced, for it has grown too large
            self._refused[about] = slow | {number}
            if len(self._refused) > MAX_REFUSED:
                del self._refused[next(iter(self._refused))]
        return answer

    def close(self) -> None:
        """End the child; the next request starts another."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def _ask(self, pdf: Path, request: dict[str, Any]) -> _Answer:
        descriptor = os.open(pdf, os.O_RDONLY | os.O_CLOEXEC)
        try:
            stamp = _stamp(os.fstat(descriptor))
            header, payload = self._exchange(pdf, {**request, "stamp": stamp}, descriptor)
        finally:
            os.close(descriptor)
        if "error" in header:
            raise _unreadable(pdf, request, header["error"])
        return header, payload

    def _exchange(self, pdf: Path, request: dict[str, Any], descriptor: int) -> _Answer:
        process = self._running()
        try:
            return process.exchange(
                request, descriptor, seconds=self._page_seconds, most=self._output_bytes
            )
        except TimeoutError as error:
            raise _unreadable(pdf, request, "timeout") from error
        except _Nonsense as error:
            raise _unreadable(pdf, request, "crash") from error
        except _Died as error:
            code, reason = self._cause_of_death(process)
            raise _unreadable(pdf, request, reason, code) from error
        finally:
            if not process.fit or process.resident > MAX_RESIDENT:
                self.close()

    def _running(self) -> _Process:
        """A child of this very process that is fit for one more request."""
        process = self._process
        if process is not None and (
            process.owner != os.getpid() or process.answered >= MAX_REQUESTS
        ):
            self.close()
        if self._process is None:
            self._process = _Process({**self._settings, "parent": os.getpid()})
            try:
                self.locks = self._process.ready()
            except BaseException:  # also a Celery soft limit or Ctrl-C: no half-started child stays
                self.close()
                raise
        return self._process

    def _cause_of_death(self, process: _Process) -> tuple[int, str]:
        """Exit code (negative: the signal) and reason."""
        code, peak = process.end()
        if code == -signal.SIGXCPU:
            return code, "timeout"
        # An allocator that gets no memory aborts or traps like any bug; a child that came near its
        # limit before it did so most likely ran into it. The kernel's OOM killer sends SIGKILL.
        if code == -signal.SIGKILL or peak > self._memory // 2:
            return code, "memory"
        return code, "crash"


def _about_file(header: dict[str, Any]) -> list[str]:
    """What a file holds beside its pages."""
    notes = []
    if header["dynamic"]:
        notes.append("its form needs another viewer (XFA)")
    if attached := header["attached"]:
        notes.append(f"{counted(attached, 'attached file')} not read")
    return notes


def _decoded(payload: bytes) -> str:
    """A page's text. What its font calls a soft hyphen was drawn, or it had no place in a page."""
    return payload.decode("utf-8", "replace").replace("\u00ad", "-")


def _stamp(status: os.stat_result) -> list[int]:
    """Tells one state of a file from another."""
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]


def _unreadable(
    pdf: Path, request: dict[str, Any], reason: str, code: int | None = None
) -> Unreadable:
    known = reason if reason in _EXPLAINED else "crash"
    where = f", page {request['number']}," if "number" in request else ""
    exited = "" if code is None else f"Worker exited with code {code}: "
    stored = "encrypted" if known == _PROTECTED else known
    return Unreadable(stored, f"{exited}{pdf.name}{where} {_EXPLAINED[known]}")
