"""The PDF child as a process: what it may not do, and what becomes of it."""

import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from clerk.adapters.pdf import PdfChild
from clerk.errors import Unreadable
from tests.fuzz import samples

linux = pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's own means")


@pytest.fixture
def sandbox():
    child = PdfChild()
    yield child
    child.close()


@pytest.fixture
def pdf(tmp_path):
    path = tmp_path / "file.pdf"
    path.write_bytes(samples.text_page())
    return path


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_no_secret_of_ours_is_in_the_childs_environment(sandbox, pdf, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://clerk:secret@db/clerk")
    sandbox.info(pdf)
    assert set(psutil.Process(sandbox.pid).environ()) <= {"PATH", "LANG", "PYTHONPATH", "LC_CTYPE"}


def test_a_child_that_was_killed_is_replaced_by_the_next_call(sandbox, pdf):
    sandbox.info(pdf)
    first = sandbox.pid
    os.kill(first, signal.SIGKILL)
    with pytest.raises(Unreadable):
        sandbox.info(pdf)
    assert sandbox.info(pdf).pages == 1
    assert sandbox.pid != first


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_crash_is_called_one(sandbox, pdf, number):
    sandbox.info(pdf)
    os.kill(sandbox.pid, number)
    with pytest.raises(Unreadable) as caught:
        sandbox.info(pdf)
    assert caught.value.reason == "crash"
    assert f"Worker exited with code {-number}: file.pdf" in str(caught.value)
    assert "file.pdf" in str(caught.value)


def test_a_hung_child_is_killed(pdf):
    sandbox = PdfChild(page_seconds=0.5)
    sandbox.info(pdf)
    hung = sandbox.pid
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(Unreadable) as caught:
        sandbox.info(pdf)
    assert caught.value.reason == "timeout"
    assert gone(hung)
    sandbox.close()


def test_close_leaves_no_process(pdf):
    sandbox = PdfChild()
    sandbox.info(pdf)
    pid = sandbox.pid
    sandbox.close()
    assert gone(pid)
    assert not psutil.pid_exists(pid)


def test_an_interrupted_request_does_not_answer_the_next(sandbox, pdf, tmp_path):
    """A Celery soft limit raises in the middle of a request, from a signal handler."""
    slow = tmp_path / "slow.pdf"
    slow.write_bytes(samples.line_bomb(100_000))

    class SoftLimit(Exception):
        pass

    def interrupt(*_):
        raise SoftLimit

    sandbox.info(pdf)
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(SoftLimit):
            sandbox.render(slow, 1, 200)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert sandbox.info(pdf).pages == 1
    assert sandbox.render(pdf, 1, 72).width == 612


def test_a_fork_gets_its_own_child_and_leaves_the_original(sandbox, pdf):
    sandbox.info(pdf)
    original = sandbox.pid
    reading, writing = os.pipe()
    forked = os.fork()
    if not forked:
        answer = {"pages": sandbox.info(pdf).pages, "pid": sandbox.pid}
        sandbox.close()
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(forked, 0)
    with os.fdopen(reading) as pipe:
        answer = json.load(pipe)
    assert answer["pages"] == 1
    assert answer["pid"] != original
    assert sandbox.info(pdf).pages == 1
    assert sandbox.pid == original


PARENT = """
import sys
from pathlib import Path
from clerk.adapters.pdf import PdfChild
sandbox = PdfChild()
sandbox.info(Path(sys.argv[1]))
print(sandbox.pid, flush=True)
sandbox.render(Path(sys.argv[2]), 1, 200)
"""


@linux
def test_a_busy_child_dies_with_its_worker_even_by_sigkill(pdf, tmp_path):
    slow = tmp_path / "slow.pdf"
    slow.write_bytes(samples.nested_forms())
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(pdf), str(slow)], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: gone(child))


@linux
def test_the_limits_hold_in_the_running_child(sandbox, pdf):
    sandbox.info(pdf)
    process = psutil.Process(sandbox.pid)
    assert process.rlimit(psutil.RLIMIT_AS)[0] == 1536 * 1024 * 1024
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_NOFILE)[1] <= 32
    assert 0 < process.rlimit(psutil.RLIMIT_CPU)[0] <= 62
    assert "no-new-privs" in sandbox.locks


LOCKED = """
import json, os, socket, sys
from clerk.adapters.confine import confine
held = confine(memory=2**31, cpu_seconds=60, parent=os.getppid())
def attempt(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return "allowed"
address = ("127.0.0.1", int(sys.argv[2]))
print(json.dumps({
    "held": held,
    "read": attempt(lambda: open(sys.argv[1]).close()),
    "write": attempt(lambda: open(sys.argv[1] + ".new", "w").write("x")),
    "delete": attempt(lambda: os.unlink(sys.argv[1])),
    "run": attempt(lambda: os.execv("/bin/true", ["true"])),
    "dial": attempt(lambda: socket.create_connection(address, 2).close()),
}))
"""


@linux
def test_a_locked_process_reaches_no_file_program_or_network(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = subprocess.run(
            [sys.executable, "-c", LOCKED, str(secret), str(server.getsockname()[1])],
            stdout=subprocess.PIPE,
            check=True,
        )
    found = json.loads(done.stdout)
    if "landlock" in found["held"]:
        assert {found[what] for what in ("read", "delete", "run")} == {"PermissionError"}
    if {"landlock", "no-network"} & set(found["held"]):
        assert found["dial"] != "allowed"
    assert found["write"] != "allowed"
    assert secret.exists()


@linux
def test_a_process_whose_parent_has_gone_does_not_start():
    code = (
        "from clerk.adapters.confine import confine\n"
        "confine(memory=2**31, cpu_seconds=60, parent=1)\n"
        "print('started')"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    assert done.stdout == b""


TAKEN_OVER = """
import json, socket, struct, sys
channel = socket.socket(fileno=0)
def send(header):
    channel.sendall(struct.pack("!I", len(header)) + header)
send(b'{"locks": [], "size": 0}')
while socket.recv_fds(channel, 4096, 1)[0]:
    send(ANSWER)
"""
LAYER = (
    b'{"size": 0, "resident": 1, "width": 1, "height": 1, "unmapped": 0, "invisible": 0, '
    b'"cover": 0, "ink": 0, "unseen": 0, "segments": 0, "annotated": false, '
    b'"crowded": false, "dynamic": false, "attached": 0, "hiding": false, "pages": 1}'
)


@pytest.mark.parametrize(
    "answer",
    [
        b'{"size": 0}',
        b"[" * 60_000,
        b"[]",
        LAYER.replace(b'"size": 0', b'"size": 1e999'),
        LAYER.replace(b'"resident": 1', b'"resident": "x"'),
        LAYER.replace(b'1, "height"', b'NaN, "height"').replace(b'"pages": 1', b'"pages": 1e999'),
        LAYER.replace(b'"hiding": false', b'"hiding": []').replace(b'"pages": 1', b'"pages": -5'),
        LAYER.replace(b'"ink": 0', b'"ink": 1%s' % (b"0" * 400)).replace(b'"pages"', b'"page"'),
        LAYER.replace(b'"pages"', b'"error": ["x"], "pages"'),
    ],
    ids=lambda answer: answer[-20:].decode(),
)
def test_a_child_that_answers_nonsense_costs_its_pages_and_is_ended(pdf, monkeypatch, answer):
    fake = TAKEN_OVER.replace("ANSWER", repr(answer))
    monkeypatch.setattr("clerk.adapters.pdf._COMMAND", (sys.executable, "-c", fake))
    sandbox = PdfChild()
    asked = (
        lambda: sandbox.info(pdf),
        lambda: [_raise(item) for item in sandbox.layers(pdf, 1, 1)],
        lambda: sandbox.render(pdf, 1, 200),
    )
    for ask in asked:
        with pytest.raises(Unreadable) as caught:
            ask()
        assert caught.value.reason == "crash"
        assert sandbox.pid is None


def _raise(item):
    if isinstance(item, Exception):
        raise item


def test_a_grown_child_is_replaced_between_pages(pdf, monkeypatch):
    monkeypatch.setattr("clerk.adapters.pdf.MAX_RESIDENT", 1)
    sandbox = PdfChild()
    assert sandbox.info(pdf).pages == 1
    assert sandbox.pid is None
    assert sandbox.info(pdf).pages == 1


@linux
def test_a_large_picture_is_shrunk_without_being_held_whole(sandbox, tmp_path):
    """Or one map on a page decides how much memory every worker needs."""
    size, path = (5000, 5000), tmp_path / "map.pdf"
    field = Image.new("RGB", size, "white")
    field.paste((200, 220, 240), (0, 0, *(side // 2 for side in size)))
    path.write_bytes(samples.scan(field))
    assert sandbox.info(path).pages == 1
    before = peak(sandbox.pid)
    raster = sandbox.render(path, 1, 100)
    assert len(set(raster.pixels)) > 1, "it was drawn"
    assert peak(sandbox.pid) - before < math.prod(size)  # a third of it


def peak(pid: int) -> int:
    """The most bytes of memory that a process had, so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes.split()[1]) * 1024


def test_the_child_loads_nothing_heavy():
    """Its start and its memory are paid by every worker child."""
    code = "import clerk.adapters.pdf_child, sys; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    others = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - {"clerk"}
    libraries = {"pypdfium2", "pypdfium2_raw", "pypdfium2_cfg", "pikepdf", "PIL"}
    assert {name for name in others if not name.startswith("_")} == libraries
    ours = {name for name in loaded if name.startswith("clerk.")}
    names = ("accents", "child", "objects", "faults", "glyphs", "spaces", "unseen")
    parts = {"clerk.adapters.confine", *(f"clerk.adapters.pdf_{name}" for name in names)}
    assert ours == {"clerk.adapters", *parts}
