"""How settings are written outside: names in the environment, forms of values, files.

Everything here turns a source into `{canonical path: Value}` and collects what is wrong with it; it
knows neither which settings exist (the caller passes the names) nor what they mean.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from dotenv import dotenv_values

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
    "WORKER_COUNT": "workers.count",
    "WORKER_CONCURRENCY": "workers.count",
    "FETCH_WORKERS": "workers.fetch",
    "OCR_WORKERS": "workers.ocr",
    "EXTRACTION_WORKERS": "workers.extraction",
    "DEPLOY_WORKERS": "workers.deploy",
    "RQ_WORKER_NAME": "workers.name",
    "RQ_QUEUE_NAMES": "workers.queues",
    "RQ_HIGH_QUEUE": "queues.high",
    "RQ_DEFAULT_QUEUE": "queues.default",
    "RQ_LOW_QUEUE": "queues.low",
    "RQ_DLQ": "queues.dead",
    "CLERK_ROLE": "access.role",
    "CLERK_TOKEN": "access.token",
    "FEATURES_T1_QUEUE": "features.durable_queue",
    "METRICS_AUTH": "metrics.auth",
    "INTERNAL_SERVICE_TOKEN": "api.internal_token",
    "LOKI_URL": "loki_url",
    "LOG_LEVEL": "log_level",
    "LOG_FORMAT": "log_format",
    # Of other systems, in other units or forms: see TRANSLATED.
    "REDIS_ADDR": "redis_url",
    "REDIS_MAX_RETRIES": "retry.attempts",
    "CIRCUIT_BREAKER__THRESHOLD": "circuit_breaker.threshold",
    "CIRCUIT_BREAKER__WINDOW": "circuit_breaker.window",
    "CIRCUIT_BREAKER__COOLDOWN_PERIOD": "circuit_breaker.cooldown_period",
    "CIRCUIT_BREAKER__MIN_SAMPLES": "circuit_breaker.min_samples",
    "PARSE_TIMEOUT_MS": "limits.page",
    "RQ_RESULT_TTL": "retention.results",
    "RQ_FAILURE_TTL": "retention.failed",
}
"""Environment name -> canonical path. The only place where a second spelling is declared."""


def _whole(value: str) -> int:
    if re.fullmatch(r"\d+", value) is None:
        raise ValueError("expected a whole number")
    return int(value)


def _address(value: str) -> str:
    if re.fullmatch(r"[^/@\s]+:\d+", value) is None:
        raise ValueError("expected host:port")
    return f"redis://{value}/0"


TRANSLATED: dict[str, Callable[[str], object]] = {
    "REDIS_ADDR": _address,
    # Retries come after the first attempt.
    "REDIS_MAX_RETRIES": lambda value: _whole(value) + 1,
    "PARSE_TIMEOUT_MS": lambda value: f"{_whole(value)}ms",
    "RQ_RESULT_TTL": lambda value: f"{_whole(value)}s",
    "RQ_FAILURE_TTL": lambda value: f"{_whole(value)}s",
}
"""Aliases whose value is written in another form than the setting's."""


class Value(NamedTuple):
    """What a source says of one setting, as written, and where it says so."""

    value: Any
    source: str


@dataclass
class Source:
    """Everything that one source says."""

    values: dict[str, Value] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def from_names(names: Mapping[str, str | None], origin: str, known: Mapping[str, str]) -> Source:
    """Environment-style names; `known` maps each name to its path. Two spellings must agree.

    An empty value counts as not set.
    """
    found = Source()
    for name, written in names.items():
        path = known.get(name)
        if path is None or written is None or written == "":
            continue
        source = f"{origin} {name}"
        try:
            value = TRANSLATED[name](written) if name in TRANSLATED else written
        except ValueError as error:
            found.problems.append(f"{path} = {written!r} (from {source}): {error}")
            continue
        before = found.values.get(path)
        if before is not None and str(before.value) != str(value):
            found.problems.append(
                f"{path}: {before.source} and {source} disagree; keep one of them"
            )
        found.values[path] = Value(value, source)
    return found


def from_dotenv(path: Path, origin: str, known: Mapping[str, str], *, interpolate: bool) -> Source:
    """A file of NAME=value lines, if it is there; `interpolate` puts variables in for ${NAME}."""
    try:
        names = dotenv_values(path, interpolate=interpolate)
    except (OSError, UnicodeDecodeError) as error:
        return Source(problems=[f"{path} cannot be read: {error}"])
    return from_names(names, origin, known)


def from_yaml(path: Path) -> Source:
    """A YAML file of nested settings, if it is there."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return Source()
    except UnicodeDecodeError:
        return Source(problems=[f"{path} is no text in UTF-8; save it as such"])
    except OSError as error:
        return Source(problems=[f"{path} cannot be read: {error.strerror}"])
    except yaml.YAMLError as error:
        return Source(problems=[f"{path} is not valid YAML: {_place(error)}"])
    if not isinstance(tree, dict):
        message = f"{path} holds no settings; write a line for each, like `redis_url: redis://…`"
        return Source(problems=[message])
    return Source({name: Value(value, str(path)) for name, value in _flatten(tree)})


def _flatten(tree: Mapping[object, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _place(error: yaml.YAMLError) -> str:
    """What is wrong and where, without the line itself: it may hold a password."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "it holds characters that YAML does not allow"
    mark = error.problem_mark
    return f"{error.problem} (line {mark.line + 1}, column {mark.column + 1})"


def nest(values: Mapping[str, Value]) -> dict[str, Any]:
    """Dotted paths -> a tree. A path through a plain value is left out: its parent is wrong."""
    tree: dict[str, Any] = {}
    for path, found in values.items():
        *groups, leaf = path.split(".")
        node: Any = tree
        for group in groups:
            node = node.setdefault(group, {})
            if not isinstance(node, dict):
                break
        else:
            node[leaf] = found.value
    return tree
