"""One frozen Settings from environment, `.env` and `config.yaml`; nobody else reads them.

Precedence, first wins: environment, `.env` in the working folder, the YAML file named by
`CLERK_CONFIG` (default `config.yaml`), a `clerk up` that runs in the state folder (`CLERK_STATE`,
default `./clerk-state`), defaults. Every setting has one canonical dotted path
(`workers.ocr`); `ALIASES` lists the environment names that also reach it, and
`CLERK_<PATH WITH __>` (`CLERK_WORKERS__OCR`) always does. Two names that say different things about
one setting are an error.
"""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import yaml
from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from clerk.errors import InvalidSettings

ALIASES: dict[str, str] = {
    "REDIS_URL": "redis_url",
    "RAG_REDIS_URL": "redis_url",
    "DATABASE_URL": "database_url",
    "EMERGENCY_STOP_KEY": "emergency_stop_key",
    "STORAGE_DIR": "storage_dir",
    "PUBLISH_DIR": "publish_dir",
    "DEFAULT_OCR_BACKEND": "ocr.backend",
    "OCR_LANGUAGES": "ocr.languages",
    "PAGE_IMAGES": "ocr.page_images",
    "FETCH_WORKERS": "workers.fetch",
    "OCR_WORKERS": "workers.ocr",
    "EXTRACTION_WORKERS": "workers.extraction",
    "DEPLOY_WORKERS": "workers.deploy",
    "RQ_DLQ": "queues.dead",
    "LOG_LEVEL": "log_level",
    "LOG_FORMAT": "log_format",
}
"""Environment name -> canonical path. The only place where a second spelling is declared."""

RUNNING = "env"
"""The file in the state folder of a running `clerk up` that says where its servers are."""

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?")


def _check_port(url: str) -> None:
    """Raise ValueError for an impossible port; the driver would only say so in a traceback."""
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise ValueError(
            "the port must be a number from 0 to 65535"
            " (in a password, write # ? / @ as %23 %3F %2F %40)"
        ) from None


def parse_duration(value: object) -> object:
    """`500ms`, `30s`, `1m`, `1h30m` -> timedelta; a bare number is refused (which unit?)."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        raise ValueError("write a duration with its unit, like 500ms, 30s, 1m or 1h30m")
    hours, minutes, seconds, millis = (float(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds, milliseconds=millis)


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Workers(_Group):
    """Processes per queue that `clerk up` and the service files start."""

    fetch: int = Field(default=2, ge=0, le=256)
    """Processes that fetch documents."""
    ocr: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=0, le=1024)
    """Processes that read pages; about one core each. Default: one for each core."""
    extraction: int = Field(default=1, ge=0, le=256)
    """Processes that extract and compile."""
    deploy: int = Field(default=1, ge=0, le=256)
    """Processes that publish."""


class Limits(_Group):
    """Hard time limits per queue (the soft limit is 90 % of each) and sizes from outside."""

    fetch: Duration = timedelta(minutes=10)
    """Time limit of a task of `fetch`."""
    ocr: Duration = timedelta(minutes=10)
    """Time limit of a task of `ocr`."""
    extraction: Duration = timedelta(hours=2)
    """Time limit of a task of `extraction`: a document extracted, a database compiled."""
    deploy: Duration = timedelta(minutes=10)
    """Time limit of a task of `deploy`."""
    page: Duration = timedelta(minutes=5)
    """Wall time for one page, PDF child and engine together; nests inside the ocr limit."""
    document_bytes: int = Field(default=512 * 1024 * 1024, ge=1024)
    """The largest PDF that is fetched, bytes."""
    html_bytes: int = Field(default=32 * 1024 * 1024, ge=1024)
    """The largest page of a listing, bytes."""
    pdf_memory: int = Field(default=1536 * 1024 * 1024, ge=128 * 1024 * 1024)
    """Address space of a PDF child, bytes."""
    pixels: int = Field(default=20_000_000, ge=100_000)
    """A rendered page never holds more."""
    pages: int = Field(default=20_000, ge=1)
    """Pages of one document."""


class Retry(_Group):
    """Attempts of a page or document, and the waits between: base, base*factor, …."""

    attempts: int = Field(default=3, ge=1, le=10)
    """How often a page or document is tried. Shutdowns and lost workers do not count."""
    base: Duration = timedelta(seconds=5)
    """The wait before the second attempt."""
    factor: float = Field(default=5.0, ge=1)
    """Each later wait is so many times the one before, at most 60 s."""
    jitter: float = Field(default=0.0, ge=0, le=1)
    """Share of each wait that is left to chance."""


class Retention(_Group):
    """How long finished things are kept."""

    results: Duration = timedelta(hours=24)
    """How long answers stay in Redis if no body forgets them, and the record of finished jobs."""
    failed: Duration = timedelta(days=7)
    """How long failed items, failed jobs and dead letters are kept."""
    history: Duration = timedelta(hours=24 * 90)
    """How long ended runs are kept; a site's newest run stays."""
    generations: int = Field(default=3, ge=1, le=100)
    """Earlier published generations kept for rollback."""


class Ocr(_Group):
    """Reading pages."""

    backend: str = "tesseract"
    """tesseract (in-process where its wheel is installed, else the binary), tesserocr, pytesseract,
    vision, or a plug-in's name."""
    languages: str = Field(default="eng", pattern=r"[A-Za-z_]+(\+[A-Za-z_]+)*")
    """As Tesseract writes them, `eng+spa`; a site's option `languages` goes before."""
    dpi: int = Field(default=200, ge=72, le=600)
    """Resolution at which pages are rendered for OCR."""
    page_images: Literal["webp", "jpeg", "png", "off"] = "jpeg"


class Fetching(_Group):
    """Manners and patience towards the sites that are read."""

    timeout: Duration = timedelta(seconds=30)
    """The longest silence of a web server."""
    delay: Duration = timedelta(0)
    """Least time between two requests of one worker process to one host."""
    user_agent: str = "clerk (+https://github.com/civicband/clerk)"
    """How clerk introduces itself to web servers."""
    allow_private: bool = False
    """Whether a source may be on a private or loopback address (`make demo` needs it)."""


class Waves(_Group):
    """How much of a run is in flight at once."""

    smallest: int = Field(default=100, ge=1)
    """The fewest tasks of a wave; also the size of a run's first."""
    largest: int = Field(default=1000, ge=1)
    """The most tasks of a wave."""
    seconds: int = Field(default=120, ge=1)
    """Work a wave should hold for the live OCR processes, at one page per process and second."""


class Queues(_Group):
    """Names that operators know from elsewhere."""

    dead: str = Field(default="dead", pattern=r"[A-Za-z0-9_.-]{1,64}")
    """Dead letters show in the Redis hash `deadletter:<this>`."""


class Settings(_Group):
    """Everything that can be set. Build with `load()`; tests may construct it directly."""

    redis_url: str = "redis://localhost:6379/0"
    """Broker, results (in the database after it) and progress. Redis 6.2 or newer, or Valkey."""
    database_url: str = "postgresql://localhost:5432/clerk"
    """The truth. Postgres 13 or newer; `postgres://` is accepted too."""
    storage_dir: Path = Path("clerk-state/sites")
    """PDFs and built generations: one folder that all workers share."""
    publish_dir: Path | None = None
    """Where `local` publishes; default: `public` beside storage_dir."""
    emergency_stop_key: str = Field(default="EMERGENCY_STOP", min_length=1, max_length=200)
    """The Redis key whose existence stops all work."""
    deployer: str = "local"
    """How generations reach readers: `local`, or a plug-in's name."""
    extractor: str = "rules"
    """What finds people, motions and votes: `rules`, or a plug-in's name."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Of workers, beat and commands."""
    log_format: Literal["console", "json"] = "console"
    """`json` writes one object a line, for log shippers."""
    nightly: str = Field(default="off", pattern=r"off|([01]\d|2[0-3]):[0-5]\d")
    """When beat enqueues every site, `HH:MM` UTC, or `off`."""
    workers: Workers = Workers()
    limits: Limits = Limits()
    retry: Retry = Retry()
    retention: Retention = Retention()
    ocr: Ocr = Ocr()
    fetching: Fetching = Fetching()
    waves: Waves = Waves()
    queues: Queues = Queues()

    @field_validator("database_url")
    @classmethod
    def _psycopg(cls, value: str) -> str:
        """Accept every common spelling; the driver is always psycopg 3."""
        match = re.match(r"(postgres|postgresql|postgresql\+\w+)://", value)
        if match is None:
            raise ValueError("expected postgresql://user:password@host:5432/name")
        _check_port(value)
        return "postgresql+psycopg://" + value[match.end() :]

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if re.fullmatch(r"rediss?://[^/]+(/\d*)?(\?.*)?|unix://.+", value) is None:
            raise ValueError("expected redis://host:6379/0, rediss://… or unix:///path?db=0")
        if not value.startswith("unix:"):
            _check_port(value)
            # redis-py would follow it and Celery would not.
            if "db" in dict(parse_qsl(urlsplit(value).query)):
                raise ValueError("name the database in the path: redis://host:6379/0")
        return value

    @property
    def broker_url(self) -> str:
        """REDIS_URL as kombu spells it: a unix socket is `redis+socket://` there."""
        return re.sub(r"\?db=", "?virtual_host=", self.redis_url).replace("unix:", "redis+socket:")

    @property
    def result_url(self) -> str:
        """The same server's next database: results never mix with messages."""
        parts = urlsplit(self.redis_url)
        if parts.scheme == "unix":
            number = int(dict(parse_qsl(parts.query)).get("db", "0")) + 1
            # Not urlunsplit: it writes an unknown scheme without a host as `redis+socket:/path`.
            return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={number}"
        number = int(parts.path.strip("/") or "0") + 1
        return urlunsplit(parts._replace(path=f"/{number}"))

    @property
    def published(self) -> Path:
        """The folder that readers are served from."""
        return self.publish_dir or self.storage_dir.parent / "public"


# -- loading ------------------------------------------------------------------------------------


def _paths(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, _Group):
            yield from _paths(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def environment_names() -> dict[str, str]:
    """Every environment name that is understood -> canonical path."""
    canonical = {f"CLERK_{path.replace('.', '__').upper()}": path for path in _paths()}
    return canonical | ALIASES


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _from_names(names: Mapping[str, str | None], origin: str) -> dict[str, tuple[Any, str]]:
    """Environment-style names -> {path: (value, source)}; two spellings must agree."""
    known = environment_names()
    found: dict[str, tuple[Any, str]] = {}
    problems = []
    for name, value in names.items():
        path = known.get(name)
        if path is None or value is None or value == "":
            continue
        source = f"{origin} {name}"
        if path in found and found[path][0] != value:
            problems.append(f"{path}: {found[path][1]} and {source} disagree; keep one of them")
        found[path] = (value, source)
    if problems:
        raise InvalidSettings("The configuration contradicts itself:", problems)
    return found


def _from_yaml(path: Path) -> dict[str, tuple[Any, str]]:
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise InvalidSettings(f"{path} is not valid YAML: {_place(error)}") from None
    if not isinstance(tree, dict):
        raise InvalidSettings(
            f"{path} must hold a mapping of settings, like `redis_url: redis://…`"
        )
    return {name: (value, str(path)) for name, value in _flatten(tree)}


def _place(error: yaml.YAMLError) -> str:
    """What is wrong and where, without the line itself: it may hold a password."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "it holds characters that YAML does not allow"
    mark = error.problem_mark
    return f"{error.problem} (line {mark.line + 1}, column {mark.column + 1})"


def state_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where `clerk up` keeps everything unless it is told otherwise."""
    environ = os.environ if environ is None else environ
    return Path(environ.get("CLERK_STATE") or "clerk-state")


def _from_running(state: Path) -> dict[str, tuple[Any, str]]:
    """What a running `clerk up` wrote about itself; other users may not read it."""
    path = state / RUNNING
    if not os.access(path, os.R_OK):
        return {}
    return _from_names(dotenv_values(path, interpolate=False), str(path))


def to_environment(settings: Settings) -> dict[str, str]:
    """Everything that is set explicitly, as environment for a child process that calls `load()`."""
    found: dict[str, str] = {}
    for path in _paths():
        node: BaseModel = settings
        *groups, leaf = path.split(".")
        for group in groups:
            node = getattr(node, group)
        value = getattr(node, leaf)
        if leaf in node.model_fields_set and value is not None:
            found[f"CLERK_{path.replace('.', '__').upper()}"] = _written(value)
    return found


def child_environment(settings: Settings) -> dict[str, str]:
    """Our environment, but so that a child process has exactly these settings."""
    known = environment_names()
    inherited = {name: value for name, value in os.environ.items() if name not in known}
    return inherited | to_environment(settings)


def _written(value: object) -> str:
    if isinstance(value, timedelta):
        return f"{round(value.total_seconds() * 1000)}ms"
    return str(value)


def _nest(flat: Mapping[str, tuple[Any, str]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, (value, _) in flat.items():
        *groups, leaf = path.split(".")
        node = tree
        for group in groups:
            node = node.setdefault(group, {})
        node[leaf] = value
    return tree


def load(
    environ: Mapping[str, str] | None = None, folder: Path | None = None, *, running: bool = True
) -> Settings:
    """Read all sources and validate. Raises InvalidSettings with every problem at once.

    `running` False leaves out what a running `clerk up` says: `clerk up` itself must not believe
    the addresses of one that was killed.
    """
    environ = os.environ if environ is None else environ
    folder = folder or Path.cwd()
    flat = _from_running(folder / state_folder(environ)) if running else {}
    flat |= _from_yaml(folder / environ.get("CLERK_CONFIG", "config.yaml"))
    flat |= _from_names(dotenv_values(folder / ".env"), ".env")
    flat |= _from_names(environ, "environment")
    try:
        return Settings.model_validate(_nest(flat))
    except ValidationError as error:
        raise InvalidSettings("The configuration is wrong:", _explain(error, flat)) from error


def _explain(error: ValidationError, flat: Mapping[str, tuple[Any, str]]) -> list[str]:
    problems = []
    for item in error.errors():
        path = ".".join(str(part) for part in item["loc"])
        value, source = flat.get(path, (None, "default"))
        shown = "***" if "url" in path else repr(value)
        message = _no_such(path) if item["type"] == "extra_forbidden" else item["msg"]
        problems.append(f"{path} = {shown} (from {source}): {message}")
    return problems


def _no_such(path: str) -> str:
    near = get_close_matches(path, list(_paths()), n=1)
    return "there is no such setting" + (f"; did you mean {near[0]}?" if near else "")


@lru_cache(maxsize=1)
def current() -> Settings:
    """The process's settings, read once."""
    return load()
