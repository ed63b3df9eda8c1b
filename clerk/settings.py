"""One frozen Settings from environment, `.env` and `config.yaml`; nobody else reads them.

Precedence, first wins: environment, `.env` in the working folder, the YAML file named by
`CLERK_CONFIG` (default `config.yaml`), a `clerk up` that runs in the state folder (`CLERK_STATE`,
default `./clerk-state`), defaults. Every setting has one canonical dotted path
(`workers.ocr`); `spellings.ALIASES` lists the environment names that also reach it, and
`CLERK_<PATH WITH __>` (`CLERK_WORKERS__OCR`) always does, also with single underscores where that
names one setting only. Two names that say different things about one setting are an error, an
unknown `CLERK_` name is a warning.
"""

import ipaddress
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from clerk import spellings
from clerk.errors import InvalidSettings
from clerk.misfits import in_words
from clerk.spellings import ALIASES, Value
from clerk.text import did_you_mean, without_passwords

__all__ = ["ALIASES", "Settings", "current", "load"]

log = logging.getLogger(__name__)

RUNNING = "env"
"""The file in the state folder of a running `clerk up` that says where its servers are."""

CHORD_WAIT = timedelta(hours=1)
"""What a chord's headers may wait in their queue beside the longest time limit."""

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?")


def _check_port(url: str) -> None:
    """Raise ValueError for an impossible port; the driver would only say so in a traceback."""
    try:
        port = urlsplit(url).port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(
            "the port must be a number from 1 to 65535"
            " (in a password, write # ? / @ as %23 %3F %2F %40)"
        )


def _like(pattern: str, how: str) -> AfterValidator:
    """Refuse text that is not all of `pattern`, and say how to write it."""
    known = re.compile(pattern)

    def check(written: str) -> str:
        if not known.fullmatch(written):
            raise ValueError(f"write {how}")
        return written

    return AfterValidator(check)


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


PlainName = Annotated[
    str, _like(r"[A-Za-z0-9_.-]{1,64}", "letters, digits, _ . and - only, 64 of them at most")
]


class Workers(_Group):
    """Processes per queue that `clerk up` and the service files start."""

    count: int | None = Field(default=None, ge=1, le=256)
    """Processes of every queue whose own number is not set."""
    fetch: int = Field(default=2, ge=0, le=256)
    """Processes that fetch documents."""
    ocr: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=0, le=1024)
    """Processes that read pages; about one core each. Default: one for each core."""
    extraction: int = Field(default=1, ge=0, le=256)
    """Processes that extract and compile."""
    deploy: int = Field(default=1, ge=0, le=256)
    """Processes that publish."""
    queues: str = "fetch,ocr,extraction,deploy"
    """The queues of `clerk worker` when it is given none, joined by commas, by their own or their
    given names (see `queues`); `high` is always first. `default`, `normal` and `low` mean all of
    them: priority is the run's, not a queue's."""
    name: PlainName | None = None
    """Tells workers of one queue and host apart when `clerk worker` is given no --name."""

    @model_validator(mode="before")
    @classmethod
    def _count_for_all(cls, given: object) -> object:
        """`count` stands in for what is not set: the most specific wins."""
        if not isinstance(given, dict):
            return given
        count = given.get("count")
        if re.fullmatch(r"[1-9]\d{0,2}", str(count)) is None:
            return given  # not set, or refused as itself
        return {**dict.fromkeys(("fetch", "ocr", "extraction", "deploy"), count), **given}


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
    pixels: int = Field(default=13_000_000, ge=100_000)
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
    """Each later wait is so many times the one before, at most 10 minutes."""
    jitter: float = Field(default=0.0, ge=0, le=1)
    """Share of each wait that is left to chance."""


class CircuitBreaker(_Group):
    """When a web server that keeps failing is left alone for a while."""

    threshold: float = Field(default=0.5, gt=0, le=1)
    """Share of failed requests in a window at which no more are sent."""
    window: Duration = timedelta(minutes=1)
    """Over how long requests are counted."""
    cooldown_period: Duration = timedelta(seconds=30)
    """How long nothing is sent; then one request tries whether it works again."""
    min_samples: int = Field(default=20, ge=1)
    """Fewer requests in a window prove nothing."""


class Retention(_Group):
    """How long finished things are kept."""

    results: Duration = timedelta(hours=24)
    """How long answers stay in Redis if no body forgets them, and the record of finished jobs."""
    failed: Duration = timedelta(days=7)
    """How long failed items, failed jobs and dead letters are kept."""
    history: Duration = timedelta(hours=24 * 90)
    """How long ended runs are kept; a site's newest run stays."""
    audit: Duration = timedelta(days=2 * 365)
    """How long the audit trail keeps what people did."""
    repairs: Duration = timedelta(days=30)
    """How long the audit trail keeps what workers repaired by themselves."""
    generations: int = Field(default=3, ge=1, le=100)
    """Earlier published generations kept for rollback."""


Languages = Annotated[
    str, _like(r"[A-Za-z_]+(?:\+[A-Za-z_]+)*", "languages as Tesseract does, like eng or eng+spa")
]
"""What may become the names of files with trained data."""


class Ocr(_Group):
    """Reading pages."""

    backend: str = "tesseract"
    """tesseract (in-process where its wheel is installed, else the binary), tesserocr, pytesseract,
    vision, or a plug-in's name."""
    languages: Languages = "eng"
    """As Tesseract writes them, `eng+spa`; a site's option `languages` goes before."""
    dpi: int = Field(default=200, ge=72, le=600)
    """Resolution at which pages are rendered for OCR."""
    second_look_share: float = Field(default=0.25, ge=0, le=100)
    """CPU that a run may spend on reading weak pages once more, as a share of what it spent on
    reading all of them once; the first 30 CPU seconds are free. 0: never read a page twice."""
    page_images: Literal["webp", "jpeg", "png", "off"] = "jpeg"


def _networks(text: str) -> str:
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            ipaddress.ip_network(part)
        except ValueError:
            raise ValueError(
                f"{part!r} is no address or network; write them like 10.1.2.0/24, 192.168.7.5"
            ) from None
    return text


class Fetching(_Group):
    """Manners and patience towards the sites that are read."""

    timeout: Duration = timedelta(seconds=30)
    """The longest silence of a web server."""
    delay: Duration = timedelta(0)
    """Least time between two requests of one worker process to one host."""
    user_agent: str = "clerk (reads public records)"
    """How clerk introduces itself to web servers."""
    private_networks: Annotated[str, AfterValidator(_networks)] = ""
    """Private addresses and networks that sources may be on, with commas, e.g. `10.1.2.0/24`."""
    allow_private: bool = False
    """Whether sources may be on any private or loopback address (`make demo` needs it): links and
    redirects of a page then reach every server of your network, and this machine. Better name the
    networks."""


class Waves(_Group):
    """How much of a run is in flight at once."""

    smallest: int = Field(default=100, ge=1)
    """The fewest tasks of a wave; also the size of a run's first."""
    largest: int = Field(default=1000, ge=1)
    """The most tasks of a wave."""
    seconds: int = Field(default=120, ge=1)
    """Work a wave should hold for the live OCR processes, at one page per process and second."""


STAGE_QUEUES = ("fetch", "ocr", "extraction", "deploy")
"""The queues that have workers of their own, by their own names."""
PRIORITIES = ("high", "normal", "low")


class Queues(_Group):
    """Names of the five queues in Redis, and what else operators know by names of their own."""

    high: PlainName = "high"
    """The queue that every worker takes from first."""
    fetch: PlainName = "fetch"
    """The queue of documents to fetch."""
    ocr: PlainName = "ocr"
    """The queue of pages to read."""
    extraction: PlainName = "extraction"
    """The queue of documents to extract and databases to compile."""
    deploy: PlainName = "deploy"
    """The queue of databases to publish."""
    default: PlainName = "default"
    """Another name for normal priority, for `clerk enqueue --priority` and `workers.queues`."""
    low: PlainName = "low"
    """Another name for low priority, likewise."""
    dead: PlainName = "dead"
    """Dead letters show in the Redis hash `deadletter:<this>`."""

    @property
    def names(self) -> dict[str, str]:
        """A queue's own name -> its name in Redis, as people read them."""
        return {own: getattr(self, own) for own in ("high", *STAGE_QUEUES)}

    @property
    def priorities(self) -> dict[str, str]:
        """What may stand for a priority -> `high`, `normal` or `low`."""
        given = {self.high: "high", "default": "normal", self.default: "normal", self.low: "low"}
        return {**given, **{priority: priority for priority in PRIORITIES}}

    def stages(self, written: str) -> list[str]:
        """Own names of the queues in a list like `high,ocr`; all where it names only priorities.

        Raises ValueError for a name that is none of ours.
        """
        names = [name.strip() for name in written.split(",")]
        own = {self.names[stage]: stage for stage in STAGE_QUEUES} | {
            stage: stage for stage in STAGE_QUEUES
        }
        known = [*self.names.values(), *own, *self.priorities]
        wrong = [name for name in names if name not in known]
        if wrong:
            choice = ", ".join(dict.fromkeys(known))
            raise ValueError(f"no such queue: {wrong[0]!r}; choose from {choice}")
        found = {own[name] for name in names if name in own}
        # `high` alone, and every other priority, asks for workers of all queues.
        others = [name for name in names if name not in own and name not in (self.high, "high")]
        return (
            list(STAGE_QUEUES) if others or not found else [q for q in STAGE_QUEUES if q in found]
        )


_ROLE_ENTRY = r"(?:viewer|operator|maintainer|admin)=[^,=\s]{16,}"


class Access(_Group):
    """Who may change things by commands; looking is free to whoever reaches the servers."""

    role: Literal["viewer", "operator", "maintainer", "admin"] = "admin"
    """What commands may do where no tokens are set."""
    token: str | None = Field(default=None, min_length=16, repr=False)
    """The token of whoever runs commands."""
    tokens: (
        Annotated[
            str,
            _like(
                rf"{_ROLE_ENTRY}(,{_ROLE_ENTRY})*",
                "role=token,… with the roles viewer, operator, maintainer and admin, and tokens of "
                "16 characters and more without spaces, commas and equals signs",
            ),
        ]
        | None
    ) = Field(default=None, repr=False)
    """Roles and their tokens, `operator=…,admin=…`, 16 characters each or more. With them, a
    command without a token may only look."""


class Features(_Group):
    """Parts that can be switched off."""

    durable_queue: bool = True
    """Whether new work is accepted; false: it is refused (exit 75), and nothing is stored."""


class Metrics(_Group):
    """Numbers for Prometheus."""

    auth: Annotated[str, _like(r"[^:\s]+:.+", "user:password")] | None = Field(
        default=None, repr=False
    )
    """`user:password` that /metrics will ask for. Not used yet."""


class Api(_Group):
    """The web application."""

    internal_token: str | None = Field(default=None, min_length=16, repr=False)
    """What services will show to be let in to internal calls. Not used yet."""


UNUSED = ("metrics.auth", "api.internal_token", "loki_url")
"""Settings whose parts are not built yet; whoever sets one is warned."""
SECRET = ("metrics.auth", "api.internal_token", "access.token", "access.tokens")
"""Settings that nobody is shown, beside the passwords in URLs."""

_REDIS_KEYS = ("unacked", "unacked_index", "unacked_mutex")
"""What kombu keeps beside the queues."""

_SOURCES: ContextVar[tuple["_Given", ...]] = ContextVar("sources", default=())


class _Broken(NamedTuple):
    """A rule between settings that does not hold."""

    of: frozenset[str]
    """The settings, or groups of them, that it is about."""
    message: str


class Settings(BaseSettings):
    """Everything that can be set. Build with `load()`; tests may construct it directly."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

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
    nightly: Annotated[
        str, _like(r"off|([01]\d|2[0-3]):[0-5]\d", "off, or a time of day like 02:30")
    ] = "off"
    """When beat enqueues every site, `HH:MM` UTC, or `off`."""
    workers: Workers = Workers()
    limits: Limits = Limits()
    retry: Retry = Retry()
    circuit_breaker: CircuitBreaker = CircuitBreaker()
    retention: Retention = Retention()
    ocr: Ocr = Ocr()
    fetching: Fetching = Fetching()
    waves: Waves = Waves()
    queues: Queues = Queues()
    features: Features = Features()
    metrics: Metrics = Metrics()
    api: Api = Api()
    access: Access = Access()
    loki_url: (
        Annotated[str, _like(r"https?://[^/\s]+(/\S*)?", "an address like http://loki:3100")] | None
    ) = None
    """Where logs will also be sent, with or without the path of its push API. Not used yet."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the names are pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` reads; a Settings built directly holds what it was given."""
        return (init_settings, *_SOURCES.get())

    def broken_rules(self) -> list["_Broken"]:
        """What must hold between settings and does not; each is right by itself."""
        return [*self._times(), *self._names()]

    def _times(self) -> Iterator[_Broken]:
        limits = self.limits
        # A chord whose keys expire before its last header ends never runs its body.
        longest = max(limits.fetch, limits.ocr, limits.extraction, limits.deploy) + CHORD_WAIT
        if self.retention.results < longest:
            yield _Broken(
                frozenset({"retention.results", "limits"}),
                f"retention.results must be at least {_written(longest)}: the longest "
                "time limit and an hour in the queue; raise it (RQ_RESULT_TTL) or lower limits.*",
            )
        soft = limits.ocr * 9 / 10
        if limits.page >= soft:
            # Else the task is cut off from outside before the page can say that it was too slow.
            yield _Broken(
                frozenset({"limits.page", "limits.ocr"}),
                f"limits.page = {_written(limits.page)} must be shorter than {_written(soft)}, "
                "the soft limit of a task of ocr (90 % of limits.ocr); "
                "lower it (PARSE_TIMEOUT_MS) or raise limits.ocr",
            )

    def _names(self) -> Iterator[_Broken]:
        names = list(self.queues.names.values())
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = (
                f"queues.*: two queues have the name {twice[0]!r}; give each a name of its own"
            )
            yield _Broken(frozenset({"queues"}), message)
        taken = {self.emergency_stop_key, *_REDIS_KEYS} & set(names)
        if taken:
            message = f"queues.*: {min(taken)!r} is a key of its own in Redis; choose another name"
            yield _Broken(frozenset({"queues", "emergency_stop_key"}), message)
        if len({self.queues.high, self.queues.default, self.queues.low}) < 3:
            message = "queues.high, queues.default and queues.low need names of their own"
            yield _Broken(frozenset({"queues"}), message)
        try:
            self.queues.stages(self.workers.queues)
        except ValueError as error:
            message = f"workers.queues = {self.workers.queues!r}: {error}"
            yield _Broken(frozenset({"queues", "workers.queues"}), message)

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
        return _verified(value) if value.startswith("rediss:") else value

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


_CERTIFICATE = MappingProxyType(
    {
        **{need: need for need in ("required", "optional", "none")},
        **{f"CERT_{need.upper()}": need for need in ("required", "optional", "none")},
    }
)
"""How strictly a server's certificate is looked at: as redis-py spells it, and as Celery does."""


def _verified(url: str) -> str:
    """A `rediss://` URL that says so as both understand it; `required` where it says nothing."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    given = options.get("ssl_cert_reqs", "required")
    if given not in _CERTIFICATE:
        raise ValueError(f"ssl_cert_reqs={given!r}: expected required, optional or none")
    options["ssl_cert_reqs"] = _CERTIFICATE[given]
    return urlunsplit(parts._replace(query=urlencode(options)))


# -- loading ------------------------------------------------------------------------------------


def _paths(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, _Group):
            yield from _paths(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def paths() -> list[str]:
    """The canonical path of every setting, in the order of the documentation."""
    return list(_paths())


def environment_names() -> dict[str, str]:
    """Every environment name that is understood -> canonical path."""
    canonical = {f"CLERK_{path.replace('.', '__').upper()}": path for path in _paths()}
    return canonical | ALIASES


def _loose_names() -> dict[str, str]:
    """`CLERK_WORKERS_OCR`: single underscores, where they name one setting only."""
    found: dict[str, list[str]] = {}
    for path in _paths():
        found.setdefault(f"CLERK_{path.replace('.', '_').upper()}", []).append(path)
    return {name: paths[0] for name, paths in found.items() if len(paths) == 1}


def _known_names() -> dict[str, str]:
    return _loose_names() | environment_names()


def state_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where `clerk up` keeps everything unless it is told otherwise."""
    environ = os.environ if environ is None else environ
    return Path(environ.get("CLERK_STATE") or "clerk-state")


def _running(state: Path, *, meant: bool) -> spellings.Source:
    """What a running `clerk up` wrote about itself; other users may not read it.

    One that was stopped tells where its files are: they can still be searched. So it is with a
    folder that was named (`meant`) and is not there: no other one is taken for it.
    """
    path = state / RUNNING
    if not os.access(path, os.R_OK):
        files = state / "sites"
        told = {"storage_dir": Value(str(files), f"the state folder {state}")}
        return spellings.Source(values=told if meant or files.is_dir() else {})
    return spellings.from_dotenv(path, str(path), _known_names(), interpolate=False)


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
    known = _known_names()
    inherited = {name: value for name, value in os.environ.items() if name not in known}
    return inherited | to_environment(settings)


def _written(value: object) -> str:
    if isinstance(value, timedelta):
        return _written_duration(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written_duration(value: timedelta) -> str:
    """`1h30m`, as `parse_duration` reads it, to the millisecond."""
    rest = round(value.total_seconds() * 1000)
    written = ""
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        written += f"{count}{unit}" if count else ""
    return written or "0s"


class _Given(PydanticBaseSettingsSource):
    """One source of pydantic-settings, already read."""

    def __init__(self, tree: dict[str, Any]) -> None:
        """`tree` is nested as Settings is."""
        super().__init__(Settings)
        self._tree = tree

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """The value of a field of Settings itself."""
        return self._tree.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._tree


_UNSET = Value(None, "default")


@dataclass(frozen=True)
class Loaded:
    """Settings, where each that is set comes from, and what looks mistaken."""

    settings: Settings
    sources: Mapping[str, Value]
    warnings: list[str]
    lost: str = ""
    """That the named state folder is not there; a warning too, since `clerk up` makes it."""
    problems: Sequence[str] = ()
    """Everything that is wrong; `read` raises it."""
    faulty: frozenset[str] = frozenset()
    """The settings among `problems` that are left at their defaults."""

    def written(self, path: str) -> str:
        """A setting as a person would write it, without passwords."""
        return shown(self.settings, path, redact=True)

    def problem(self, path: str, message: str) -> str:
        """What is wrong with a setting, told with its value and source."""
        given = self.sources.get(path, _UNSET)
        return _problem(path, repr(self.written(path)), given, message)


def read(
    environ: Mapping[str, str] | None = None, folder: Path | None = None, *, running: bool = True
) -> Loaded:
    """Read all sources and validate. Raises InvalidSettings with every problem at once.

    `running` False leaves out what a running `clerk up` says: `clerk up` itself must not believe
    the addresses of one that was killed.
    """
    found = survey(environ, folder, running=running)
    if found.problems:
        raise InvalidSettings("The configuration is wrong:", found.problems)
    return found


def survey(
    environ: Mapping[str, str] | None = None, folder: Path | None = None, *, running: bool = True
) -> Loaded:
    """As `read`, but what is wrong stands in `problems`, and its default in its place."""
    environ = os.environ if environ is None else environ
    folder = folder or Path.cwd()
    known = _known_names()
    # The first wins.
    sources = [
        spellings.from_names(environ, "environment", known),
        spellings.from_dotenv(folder / ".env", ".env", known, interpolate=True),
        spellings.from_yaml(folder / (environ.get("CLERK_CONFIG") or "config.yaml")),
    ]
    if running:
        state = folder / state_folder(environ)
        sources.append(_running(state, meant=bool(environ.get("CLERK_STATE"))))
    winning: dict[str, Value] = {}
    for source in reversed(sources):
        winning |= source.values
    problems = [problem for source in sources for problem in source.problems]
    settings, wrong = _validated(sources, winning)
    problems += wrong.values()
    problems += [
        rule.message
        for rule in settings.broken_rules()
        if not any(_overlap(path, faulty) for path in rule.of for faulty in wrong)
    ]
    lost = ""
    if running and environ.get("CLERK_STATE") and not state.is_dir():
        lost = f"CLERK_STATE names {state}, and there is no such folder"
    unused = [
        f"{path} (from {winning[path].source}) is not used yet and changes nothing"
        for path in UNUSED
        if path in winning
    ]
    warnings = [*_unknown(environ, known), *unused, *filter(None, [lost])]
    return Loaded(settings, winning, warnings, lost, problems, frozenset(wrong))


def _validated(
    sources: Sequence[spellings.Source], winning: Mapping[str, Value]
) -> tuple[Settings, dict[str, str]]:
    """The settings, and what is wrong with those that are left at their defaults instead."""
    try:
        return _built(sources), {}
    except ValidationError as error:
        wrong = _explain(error, winning)
    right = [
        spellings.Source(
            {
                path: value
                for path, value in source.values.items()
                if not any(_overlap(path, faulty) for faulty in wrong)
            }
        )
        for source in sources
    ]
    return _built(right), wrong


def _built(sources: Sequence[spellings.Source]) -> Settings:
    token = _SOURCES.set(tuple(_Given(spellings.nest(each.values)) for each in sources))
    try:
        return Settings()
    finally:
        _SOURCES.reset(token)


def _overlap(one: str, other: str) -> bool:
    """Whether two settings are the same, or one is a group that holds the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def load(
    environ: Mapping[str, str] | None = None, folder: Path | None = None, *, running: bool = True
) -> Settings:
    """What `read` read, accepted. Raises InvalidSettings."""
    return accepted(read(environ, folder, running=running))


def accepted(found: Loaded) -> Settings:
    """The settings, to be used; warnings are logged.

    Raises InvalidSettings for a state folder that is not there but is to say where the servers
    are: others would be looked for in vain.
    """
    if found.lost and not {"redis_url", "database_url"} <= found.sources.keys():
        raise InvalidSettings(
            f"{found.lost}.",
            [
                "correct CLERK_STATE, or start a cluster there with `clerk up`",
                "or unset it: then ./clerk-state is used, or REDIS_URL and DATABASE_URL",
            ],
        )
    for warning in found.warnings:
        log.warning(warning)
    return found.settings


_OURS = ("CLERK_CONFIG", "CLERK_STATE")


def _unknown(environ: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """A sentence for each `CLERK_` name that reaches nothing."""
    warnings = []
    for name in sorted(environ):
        if name.startswith("CLERK_") and name not in known and name not in _OURS:
            hint = did_you_mean(name, environment_names())
            warnings.append(f"environment {name} names no setting and is ignored{hint}")
    return warnings


def _explain(error: ValidationError, values: Mapping[str, Value]) -> dict[str, str]:
    """Setting -> what is wrong with it."""
    problems = {}
    for item in error.errors():
        path = ".".join(str(part) for part in item["loc"])
        message = in_words(item)
        given = values.get(path, _UNSET)
        seen = "***" if _may_be_secret(path, given.value) else repr(given.value)
        if item["type"] == "extra_forbidden":
            message = _no_such(path)
        if item["type"] == "model_type":
            message = _is_a_group(path)
        problems[path] = _problem(path, seen, given, message)
    return problems


def _problem(path: str, seen: str, given: Value, message: str) -> str:
    return f"{path} = {seen} (from {given.source}): {message}"


def _may_be_secret(path: str, value: object) -> bool:
    """Whether what is written there may be what nobody is shown, be it at a misspelt name."""
    if path in _paths():
        return "url" in path or path in SECRET
    groups = {secret.partition(".")[0] for secret in SECRET}
    return path.partition(".")[0] in groups or "url" in path or "://" in str(value)


def _is_a_group(path: str) -> str:
    first, *others = (name.rpartition(".")[2] for name in _paths() if name.startswith(f"{path}."))
    more = f" (or {', '.join(others)})" if others else ""
    return (
        f"this is a group of settings; below `{path}:` write its settings on lines of their own, "
        f"each with two blanks before it, such as `  {first}: …`{more}"
    )


def _no_such(path: str) -> str:
    return f"there is no such setting{did_you_mean(path, _paths())}"


def shown(settings: Settings, path: str, *, redact: bool) -> str:
    """One setting as a person would write it; `redact` hides passwords."""
    value = _value(settings, path)
    written = "" if value is None else _written(value)
    if path == "database_url":  # the driver is our own business
        written = written.replace("+psycopg", "", 1)
    if not redact or not written:
        return written
    if path in SECRET:
        return "***"
    return without_passwords(written)


def _value(settings: Settings, path: str) -> object:
    node: Any = settings
    for part in path.split("."):
        node = getattr(node, part)
    return node


@lru_cache(maxsize=1)
def loaded() -> Loaded:
    """The process's settings and where they come from, read once. Raises as `load` does."""
    found = read()
    accepted(found)
    return found


def current() -> Settings:
    """The process's settings."""
    return loaded().settings
