"""Where settings come from, who wins, and what a person reads when they are wrong."""

import ssl
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from celery import Celery
from hypothesis import given
from hypothesis import strategies as st
from kombu.utils.url import parse_url
from pydantic import ValidationError
from redis import Redis

from clerk import settings
from clerk.errors import InvalidSettings
from clerk.settings import ALIASES, Settings, environment_names, load, parse_duration


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def _problems(folder: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(InvalidSettings) as found:
        load(environ or {}, folder=folder)
    return str(found.value)


# -- who wins ----------------------------------------------------------------------------------


def test_without_any_source_there_are_defaults(folder):
    assert load({}, folder=folder) == Settings()


def test_environment_wins_over_dotenv_over_yaml_over_a_running_cluster(folder):
    (folder / "clerk-state").mkdir()
    sources = [
        (folder / "clerk-state" / "env", "REDIS_URL='redis://running/0'\n"),
        (folder / "config.yaml", "redis_url: redis://yaml/0\n"),
        (folder / ".env", "REDIS_URL=redis://dotenv/0\n"),
    ]
    for path, text in sources:
        path.write_text(text)
        assert load({}, folder=folder).redis_url in text
    assert load({"REDIS_URL": "redis://env/0"}, folder=folder).redis_url == "redis://env/0"


def test_another_yaml_file_can_be_named(folder):
    (folder / "config.yaml").write_text("ocr: {dpi: 150}\n")
    (folder / "other.yaml").write_text("ocr: {dpi: 300}\n")
    assert load({"CLERK_CONFIG": "other.yaml"}, folder=folder).ocr.dpi == 300


def test_sources_are_merged_setting_by_setting(folder):
    (folder / "config.yaml").write_text("workers: {ocr: 5, fetch: 4}\n")
    found = load({"OCR_WORKERS": "9"}, folder=folder).workers
    assert (found.ocr, found.fetch) == (9, 4)


def test_an_empty_variable_counts_as_not_set(folder):
    assert load({"REDIS_URL": ""}, folder=folder).redis_url == Settings().redis_url


# -- spellings ---------------------------------------------------------------------------------


def test_every_name_reaches_a_setting_that_exists():
    paths = set(settings._paths())
    assert set(environment_names().values()) == paths
    assert set(ALIASES.values()) <= paths


WRITTEN = {
    # What is written, and how the setting then reads where that differs.
    "redis_url": ("redis://h/4", "h/4"),
    "database_url": ("postgresql://h/d", "h/d"),
    "log_level": ("error",),
    "log_format": ("json",),
    "ocr.page_images": ("png",),
    "ocr.languages": ("eng+spa",),
    "workers.queues": ("high,default",),
    "queues.high": ("urgent",),
    "queues.default": ("plain",),
    "queues.low": ("slow",),
    "access.role": ("viewer",),
    "access.token": ("a-token-of-many-letters",),
    "features.durable_queue": ("0", "False"),
    "metrics.auth": ("user:password",),
    "api.internal_token": ("a token of many letters",),
    "loki_url": ("http://loki:3100",),
    "circuit_breaker.threshold": ("0.7",),
    "circuit_breaker.window": ("45s", "0:00:45"),
    "circuit_breaker.cooldown_period": ("45s", "0:00:45"),
    "REDIS_ADDR": ("h:6390", "redis://h:6390/0"),
    "REDIS_MAX_RETRIES": ("4", "5"),
    "PARSE_TIMEOUT_MS": ("1500", "0:00:01.5"),
    "RQ_RESULT_TTL": ("36000", "10:00:00"),
    "RQ_FAILURE_TTL": ("3600", "1:00:00"),
}


@pytest.mark.parametrize("name", sorted(ALIASES))
def test_every_alias_reaches_its_setting(name, folder):
    path = ALIASES[name]
    written, *reads = WRITTEN.get(name) or WRITTEN.get(path, ("7",))
    found: object = load({name: written}, folder=folder)
    for part in path.split("."):
        found = getattr(found, part)
    assert (reads or [written])[0] in str(found)


def test_the_long_name_always_works(folder):
    environ = {"CLERK_FETCHING__ALLOW_PRIVATE": "1", "CLERK_LIMITS__PAGE": "90s"}
    found = load(environ, folder=folder)
    assert found.fetching.allow_private is True
    assert found.limits.page == timedelta(seconds=90)


def test_two_names_that_agree_are_fine(folder):
    environ = {"REDIS_URL": "redis://h/0", "RAG_REDIS_URL": "redis://h/0"}
    assert load(environ, folder=folder).redis_url == "redis://h/0"


def test_two_names_that_disagree_are_an_error_that_shows_no_password(folder):
    environ = {"REDIS_URL": "redis://:hunter2@a/0", "RAG_REDIS_URL": "redis://:hunter2@b/0"}
    said = _problems(folder, environ)
    assert "environment REDIS_URL and environment RAG_REDIS_URL disagree" in said
    assert "hunter2" not in said


# -- durations ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("500ms", 0.5), ("30s", 30), ("1m", 60), ("1h30m", 5400), ("2h", 7200), ("1.5s", 1.5)],
)
def test_durations_are_written_with_their_unit(written, seconds):
    assert parse_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize("written", ["30", "", " ", "s", "1d", "1h 30m x", "-5s", "m30", "１0s x"])
def test_what_is_no_duration_is_refused(written):
    with pytest.raises(ValueError, match="write a duration with its unit"):
        parse_duration(written)


@given(st.integers(min_value=1, max_value=10**9))
def test_a_duration_survives_being_handed_to_a_child_process(milliseconds):
    value = timedelta(milliseconds=milliseconds)
    assert parse_duration(settings._written(value)) == value


def test_a_bare_number_in_yaml_is_refused_too(folder):
    (folder / "config.yaml").write_text("limits: {page: 300}\n")
    assert "write a duration with its unit" in _problems(folder)


# -- urls --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_common_spelling_of_postgres_is_accepted(scheme):
    found = Settings(database_url=f"{scheme}://me:pw@db:5432/clerk").database_url
    assert found == "postgresql+psycopg://me:pw@db:5432/clerk"


def test_results_never_share_a_database_with_messages():
    found = Settings(redis_url="rediss://me:p%40ss@h:6380/4?ssl_cert_reqs=required")
    assert found.broker_url == "rediss://me:p%40ss@h:6380/4?ssl_cert_reqs=required"
    assert found.result_url == "rediss://me:p%40ss@h:6380/5?ssl_cert_reqs=required"
    assert Settings(redis_url="redis://h").result_url == "redis://h/1"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("", "required"),
        ("?ssl_cert_reqs=CERT_REQUIRED", "required"),
        ("?ssl_cert_reqs=none", "none"),
        ("?ssl_ca_certs=/etc/ca.pem", "required"),
    ],
)
def test_tls_is_verified_unless_told_otherwise_by_celery_kombu_and_redis(given, meant):
    found = Settings(redis_url=f"rediss://:pw@h:6380/4{given}")
    app = Celery(set_as_current=False)
    app.conf.result_backend = found.result_url
    sent = parse_url(found.broker_url)["ssl"]
    results = app.backend.connparams
    own = Redis.from_url(found.redis_url).connection_pool.make_connection()

    asked = {"required": ssl.CERT_REQUIRED, "none": ssl.CERT_NONE}[meant]
    assert (own.cert_reqs, results["ssl_cert_reqs"], sent["ssl_cert_reqs"]) == (asked,) * 3
    if "ca_certs" in given:
        assert own.ca_certs == results["ssl_ca_certs"] == sent["ssl_ca_certs"] == "/etc/ca.pem"


def test_a_way_to_look_at_certificates_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="expected required, optional or none"):
        Settings(redis_url="rediss://h/0?ssl_cert_reqs=sometimes")


@pytest.mark.parametrize("name", ["METRICS_AUTH", "INTERNAL_SERVICE_TOKEN", "LOKI_URL"])
def test_a_setting_that_nothing_uses_yet_is_warned_of(name, tmp_path):
    values = {
        "METRICS_AUTH": "me:pw",
        "INTERNAL_SERVICE_TOKEN": "0123456789abcdef",
        "LOKI_URL": "http://loki:3100",
    }
    (warning,) = settings.read({name: values[name]}, tmp_path).warnings
    assert "is not used yet" in warning


@pytest.mark.parametrize(("url", "number"), [("unix:///r/s", 0), ("unix://:pw@/r/s?db=3", 3)])
def test_a_unix_socket_is_spelt_as_each_library_wants_it(url, number):
    found = Settings(redis_url=url)
    assert found.broker_url.startswith("redis+socket://")
    assert found.broker_url.endswith("/r/s" + (f"?virtual_host={number}" if number else ""))
    app = Celery(set_as_current=False)
    app.conf.result_backend = found.result_url
    results = app.backend.connparams
    assert (results["path"], results["db"]) == ("/r/s", number + 1)
    assert results["password"] == urlsplit(url).password


@given(st.integers(0, 15), st.sampled_from(["redis", "rediss"]))
def test_the_result_database_is_the_next_one(number, scheme):
    found = Settings(redis_url=f"{scheme}://h:1/{number}")
    assert urlsplit(found.result_url).path == f"/{number + 1}"


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "http://h/0",
        "redis://",
        "redis://h/nought",
        "redis://h:port/0",
        "redis://h:99999/0",
        "redis://:pa#ss@h:6379/0",
        # redis-py would take the database from here, Celery would not.
        "redis://h:6379/0?db=3",
    ],
)
def test_a_redis_url_that_would_fail_later_fails_at_once(url):
    with pytest.raises(ValidationError):
        Settings(redis_url=url)


@pytest.mark.parametrize("url", ["mysql://h/d", "h/d", "postgresql://u:p@h:abc/d"])
def test_a_database_url_that_would_fail_later_fails_at_once(url):
    with pytest.raises(ValidationError):
        Settings(database_url=url)


# -- what a person reads -----------------------------------------------------------------------


def test_all_problems_are_told_at_once_with_value_and_source(folder):
    (folder / "config.yaml").write_text("ocr: {dpi: 9}\nlog_level: loud\n")
    (folder / ".env").write_text("OCR_WORKERS=many\n")
    said = _problems(folder, {"CLERK_NIGHTLY": "noon"})
    assert f"ocr.dpi = 9 (from {folder / 'config.yaml'})" in said
    assert "log_level = 'loud'" in said
    assert "workers.ocr = 'many' (from .env OCR_WORKERS)" in said
    assert "nightly = 'noon' (from environment CLERK_NIGHTLY)" in said


def test_no_problem_shows_a_password(folder):
    environ = {"REDIS_URL": "redis://:hunter2@h:port/0", "DATABASE_URL": "mysql://me:hunter3@h/d"}
    said = _problems(folder, environ)
    assert "redis_url = ***" in said
    assert "database_url = ***" in said
    assert "hunter" not in said


def test_a_mistyped_setting_is_refused_and_the_near_one_named(folder):
    (folder / "config.yaml").write_text("workers: {orc: 2}\n")
    said = _problems(folder)
    assert "workers.orc" in said
    assert "did you mean workers.ocr?" in said


def test_broken_yaml_is_placed_but_not_quoted(folder):
    (folder / "config.yaml").write_text("ocr: {}\nredis_url: redis://:hunter2@h: bad\n")
    said = _problems(folder)
    assert "line 2" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("content", [b"- a list\n", b"\xff\xfe", b"a: \x00b"])
def test_a_file_that_is_no_mapping_is_refused(folder, content):
    (folder / "config.yaml").write_bytes(content)
    assert str(folder / "config.yaml") in _problems(folder)


def test_a_folder_where_the_file_should_be_is_told(folder):
    (folder / "config.yaml").mkdir()
    assert "cannot be read" in _problems(folder)


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(ValidationError):
        Settings().ocr.dpi = 300
