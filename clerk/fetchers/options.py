"""A site's `options` -> a checked model, or every problem with its remedy.

Regular expressions come from the site's owner and meet text from strangers, so each search has a
time limit: a pattern that backtracks without end becomes an error instead of a hung worker.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar

import regex
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from clerk.errors import InvalidInput
from clerk.misfits import in_words
from clerk.model import DocumentKind, Site
from clerk.settings import Languages
from clerk.stages import dating, naming

MAX_PATTERN = 500
PATIENCE = 1.0
"""Seconds for one search in `naming.MAX_TEXT` characters; sane patterns need milliseconds."""


def _is_pattern(text: str) -> str:
    if len(text) > MAX_PATTERN:
        raise ValueError(f"longer than {MAX_PATTERN} characters; shorten the pattern")
    try:
        _compiled(text)
    except (regex.error, OverflowError, RecursionError, MemoryError) as error:
        raise ValueError(f"not a regular expression ({error}); correct it") from error
    return text


def _is_format(text: str) -> str:
    problem = dating.format_problem(text)
    if problem:
        raise ValueError(problem)
    return text


def _is_name(text: str) -> str:
    name = naming.clean(text)
    if not name:
        raise ValueError("holds no printable character; write a name")
    return name


Pattern = Annotated[str, AfterValidator(_is_pattern)]
DateFormat = Annotated[str, AfterValidator(_is_format)]
Name = Annotated[str, AfterValidator(_is_name)]


class Options(BaseModel):
    """What every built-in fetcher understands."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    body: Name | None = None
    """The governing body of documents that do not name one."""
    bodies: dict[str, Name] = Field(default_factory=dict, max_length=200)
    """Body as found, in any capitals -> as it shall be called, e.g. `CC` -> `City Council`."""
    kind: Literal["agenda", "minutes"] | None = None
    """The kind of documents that do not say which they are."""
    day_first: bool = False
    """Read 3/5/2024 as 3 May."""
    languages: Languages | None = None
    """What the documents are written in, as Tesseract writes it: `eng+spa`; for OCR."""
    date_format: DateFormat | None = None
    """How dates are written, as strptime has it; replaces the built-in ways."""

    def called(self, body: str) -> str:
        """`body` under the name that the site's owner gave it."""
        names = {found.casefold(): name for found, name in self.bodies.items()}
        return names.get(body.casefold(), body)

    def kind_or(self, kind: DocumentKind | None) -> DocumentKind | None:
        """`kind` if it was told, else the configured one."""
        return kind or (DocumentKind(self.kind) if self.kind else None)


Model = TypeVar("Model", bound=Options)


def check(model: type[Model], options: Mapping[str, object]) -> list[str]:
    """Everything wrong with `options`, each with its remedy."""
    try:
        model.model_validate(dict(options))
    except ValidationError as error:
        return [_explained(model, item) for item in error.errors()]
    return []


def parse(model: type[Model], site: Site) -> Model:
    """The checked options of a site. Raises InvalidInput with all problems."""
    problems = check(model, site.options)
    if problems:
        raise InvalidInput(f"The options of {site.subdomain} are not valid:", problems)
    return model.model_validate(dict(site.options))


def _explained(model: type[Model], item: Any) -> str:
    path = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        known = ", ".join(sorted(model.model_fields))
        return f"option {ascii(path)[:80]} is unknown; the options are {known}"
    return f"option {path} = {ascii(item['input'])[:80]}: {in_words(item)}"


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(pattern, regex.IGNORECASE)


def groups(pattern: str) -> set[str]:
    """Names of the groups of a checked pattern."""
    return set(_compiled(pattern).groupindex)


def search(pattern: str, text: str) -> "regex.Match[str] | None":
    """Search the first `naming.MAX_TEXT` characters; raises InvalidInput if that takes too long."""
    try:
        return _compiled(pattern).search(text[: naming.MAX_TEXT], timeout=PATIENCE)
    except TimeoutError as error:
        raise InvalidInput(
            "A pattern of the site takes too long.",
            [f"{ascii(pattern)[:80]} backtracks without end; make it simpler"],
        ) from error
