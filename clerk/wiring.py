"""Builds adapters from settings, once per process. Nothing here survives a fork."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import cast

from redis import Redis
from sqlalchemy import Connection, Engine

from clerk.adapters.breakers import Breakers, GuardedDeployer, GuardedHttp, GuardedStorage
from clerk.adapters.http import HttpClient, public_or_in
from clerk.adapters.lacking import Lacking
from clerk.adapters.pdf import PdfChild
from clerk.adapters.plugins import DEPLOYERS, EXTRACTORS, FETCHERS, load, load_engine
from clerk.adapters.stop_key import StopKey
from clerk.adapters.storage_local import LocalStorage
from clerk.breaker import Rules
from clerk.ports import Deployer, Extractor, Fetcher, Http, OcrEngine, PdfSandbox, Storage
from clerk.settings import Settings, current
from clerk.store import database

PDF_SECONDS = 60.0
"""What the PDF child may take for one page, of which the slowest honest one took 9.6 s."""


class Services:
    """Every outside thing that tasks and commands need, made on first use."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self.settings = settings
        self.pid = os.getpid()
        self._engines: dict[str, OcrEngine] = {}

    @cached_property
    def engine(self) -> Engine:
        """Connections to Postgres."""
        return database.engine(self.settings.database_url)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction; raises DatabaseDown when the server is away."""
        with database.down_as_error(self.settings.database_url), self.engine.begin() as connection:
            yield connection

    @cached_property
    def redis(self) -> Redis:
        """The broker's own database, for looking at queues."""
        return Redis.from_url(self.settings.redis_url, socket_timeout=3, socket_connect_timeout=3)

    @cached_property
    def stop(self) -> StopKey:
        """The emergency stop."""
        return StopKey(self.settings.redis_url, self.settings.emergency_stop_key)

    @cached_property
    def storage(self) -> Storage:
        """Files shared by all workers."""
        return GuardedStorage(LocalStorage(self.settings.storage_dir), self.breakers)

    @cached_property
    def breakers(self) -> Breakers:
        """What is known to be down, shared by all processes."""
        rules = self.settings.circuit_breaker
        return Breakers(
            self.settings.redis_url,
            Rules(
                threshold=rules.threshold,
                window=rules.window.total_seconds(),
                cooldown=rules.cooldown_period.total_seconds(),
                least=rules.min_samples,
            ),
        )

    @cached_property
    def lacking(self) -> Lacking:
        """What the workers lack, shared by all processes."""
        return Lacking(self.settings.redis_url)

    @cached_property
    def http(self) -> Http:
        """The way to the web, past hosts that are known to be down."""
        fetching, limits = self.settings.fetching, self.settings.limits
        client = HttpClient(
            timeout=fetching.timeout.total_seconds(),
            delay=fetching.delay.total_seconds(),
            user_agent=fetching.user_agent,
            document_bytes=limits.document_bytes,
            html_bytes=limits.html_bytes,
            allow_private=fetching.allow_private,
            may_dial=public_or_in(fetching.private_networks),
        )
        return GuardedHttp(client, self.breakers)

    def fetcher(self, name: str) -> Fetcher:
        """The fetcher a site names. Raises InvalidInput for an unknown one."""
        return cast("Fetcher", load(FETCHERS, name)(self.http))

    @cached_property
    def sandbox(self) -> PdfSandbox:
        """This process's PDF child."""
        limits = self.settings.limits
        return PdfChild(
            memory=limits.pdf_memory,
            page_seconds=min(PDF_SECONDS, limits.page.total_seconds()),
            cpu_seconds=min(PDF_SECONDS, limits.page.total_seconds()),
            pixels=limits.pixels,
            picture_format=self.settings.ocr.page_images,
        )

    def ocr(self, backend: str | None) -> OcrEngine:
        """A warm engine. Raises UnsupportedEngine."""
        name = backend or self.settings.ocr.backend
        if name not in self._engines:
            self._engines[name] = load_engine(name)
        return self._engines[name]

    @cached_property
    def extractor(self) -> Extractor:
        """Finds people, motions and votes."""
        return cast("Extractor", load(EXTRACTORS, self.settings.extractor)())

    @cached_property
    def deployer(self) -> Deployer:
        """Puts databases before readers."""
        factory = load(DEPLOYERS, self.settings.deployer)
        made = factory(
            publish_dir=self.settings.published, keep=self.settings.retention.generations
        )
        return GuardedDeployer(cast("Deployer", made), self.breakers)

    @property
    def sites_db(self) -> Path:
        """The index over all sites."""
        return self.settings.published / "sites.db"

    def close(self) -> None:
        """End what was started; used when a process ends."""
        if "sandbox" in self.__dict__:
            self.sandbox.close()
        if "engine" in self.__dict__:
            self.engine.dispose()


_services: Services | None = None


def services() -> Services:
    """This process's services. After a fork the parent's are left alone and new ones are made."""
    global _services  # noqa: PLW0603 - one per process is the point
    if _services is None or _services.pid != os.getpid():
        if _services is not None and "engine" in _services.__dict__:
            _services.engine.dispose(close=False)
        _services = Services(current())
    return _services
