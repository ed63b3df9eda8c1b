"""`clerk config`, the rules over settings, and every setting's bad values."""

import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from clerk import docs, lifecycle, settings
from clerk.cli import cli
from clerk.errors import InvalidSettings
from clerk.settings import load
from clerk.store import ledger

ROOT = Path(__file__).parents[2]

BAD = {
    "redis_url": ["localhost", "http://h/0", "redis://h:0/0", "redis://h:70000/0"],
    "database_url": ["mysql://h/d", "h"],
    "storage_dir": [["a", "list"]],
    "publish_dir": [["a", "list"]],
    "emergency_stop_key": ["x" * 201],
    "deployer": [["a", "list"]],
    "extractor": [["a", "list"]],
    "log_level": ["loud"],
    "log_format": ["xml"],
    "nightly": ["25:00", "noon", "3:00"],
    "loki_url": ["loki:3100", "ftp://loki"],
    "workers.count": ["0", "-1", "many", "1000"],
    "workers.fetch": ["-1", "many", "1.5"],
    "workers.ocr": ["-1", "many", "100000"],
    "workers.extraction": ["-1", "many"],
    "workers.deploy": ["-1", "many"],
    "workers.queues": ["ocr,orc", ",", "ocr,,fetch"],
    "workers.name": ["a b", "x" * 65, "a/b"],
    "limits.fetch": ["10", "soon", "10 minutes"],
    "limits.ocr": ["10", "-5s"],
    "limits.extraction": ["10"],
    "limits.deploy": ["10"],
    "limits.page": ["300", "5", "9m", "1h"],
    "limits.document_bytes": ["1", "-1", "512MB"],
    "limits.html_bytes": ["1"],
    "limits.pdf_memory": ["1024"],
    "limits.pixels": ["9"],
    "limits.pages": ["0"],
    "retry.attempts": ["0", "11", "thrice"],
    "retry.base": ["5"],
    "retry.factor": ["0.5"],
    "retry.jitter": ["2", "-1"],
    "circuit_breaker.threshold": ["0", "1.5"],
    "circuit_breaker.window": ["60"],
    "circuit_breaker.cooldown_period": ["30"],
    "circuit_breaker.min_samples": ["0", "many"],
    "retention.results": ["3600", "1m"],
    "retention.failed": ["7"],
    "retention.history": ["90"],
    "retention.audit": ["2y"],
    "retention.repairs": ["30"],
    "retention.generations": ["0", "101"],
    "ocr.backend": [["a", "list"]],
    "ocr.languages": ["eng spa", "eng+", "../eng"],
    "ocr.dpi": ["71", "601"],
    "ocr.second_look_share": ["-0.1", "101", "much"],
    "ocr.page_images": ["gif"],
    "fetching.timeout": ["30"],
    "fetching.delay": ["-1s", "1"],
    "fetching.user_agent": [["a", "list"]],
    "fetching.private_networks": ["intranet", "10.0.0.1/8", "10.0.0.0/33"],
    "fetching.allow_private": ["maybe"],
    "waves.smallest": ["0"],
    "waves.largest": ["0"],
    "waves.seconds": ["0"],
    "queues.high": ["a b", "x" * 65, "fetch", "unacked", "EMERGENCY_STOP"],
    "queues.fetch": ["a:b", "high"],
    "queues.ocr": ["", "deploy"],
    "queues.extraction": ["a/b"],
    "queues.deploy": ["a b"],
    "queues.default": ["a b", "low"],
    "queues.low": ["a b", "high"],
    "queues.dead": ["a b", "x" * 65, "a:b"],
    "features.durable_queue": ["maybe"],
    "metrics.auth": ["nobody", ":password"],
    "api.internal_token": ["short"],
    "access.role": ["root"],
    "access.token": ["short"],
    "access.tokens": ["admin=short", "root=0123456789abcdef", "0123456789abcdef"],
}


def test_every_setting_is_in_the_table_of_bad_values():
    assert set(settings.paths()) == set(BAD)


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, values in BAD.items() for value in values]
)
def test_a_bad_value_is_refused_by_its_path_and_source(path, value, tmp_path):
    tree: object = value
    for part in reversed(path.split(".")):
        tree = {part: tree}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(tree))

    with pytest.raises(InvalidSettings) as found:
        load({}, folder=tmp_path)

    (problem,) = found.value.problems
    group = path.partition(".")[0]
    assert path in problem or f"{group}.*" in problem
    assert found.value.exit_code == 2


# -- rules over several settings -----------------------------------------------------------------


def test_results_that_would_expire_in_the_middle_of_a_chord_are_refused_with_the_remedy(tmp_path):
    with pytest.raises(InvalidSettings, match="at least 3h: the longest"):
        load({"RQ_RESULT_TTL": "3600"}, folder=tmp_path)
    short = {"RQ_RESULT_TTL": "7200", "CLERK_LIMITS__EXTRACTION": "1h"}
    assert load(short, folder=tmp_path).retention.results == timedelta(hours=2)


def test_one_count_stands_in_for_every_queue_that_has_none_of_its_own(tmp_path):
    found = load({"WORKER_COUNT": "3", "OCR_WORKERS": "16"}, folder=tmp_path).workers
    assert (found.fetch, found.ocr, found.extraction, found.deploy) == (3, 16, 3, 3)


def test_retries_are_attempts_after_the_first(tmp_path):
    assert load({"REDIS_MAX_RETRIES": "3"}, folder=tmp_path).retry.attempts == 4
    both = {"REDIS_MAX_RETRIES": "3", "CLERK_RETRY__ATTEMPTS": "3"}
    with pytest.raises(InvalidSettings, match="REDIS_MAX_RETRIES and environment"):
        load(both, folder=tmp_path)
    both["CLERK_RETRY__ATTEMPTS"] = "4"
    assert load(both, folder=tmp_path).retry.attempts == 4


def test_leases_outlive_two_lost_renewals():
    # Not to be set: the rule that a heartbeat is at least 5 s and renewed twice as often holds.
    lease = ledger.LEASE.total_seconds()
    assert lease >= 5
    assert lease / 2 >= ledger.RENEW_EVERY
    assert lifecycle.STOP_PAUSE < ledger.RENEW_EVERY


# -- names -----------------------------------------------------------------------------------------


def test_single_underscores_do_where_they_name_one_setting(tmp_path):
    assert load({"CLERK_WORKERS_OCR": "7"}, folder=tmp_path).workers.ocr == 7
    both = {"CLERK_WORKERS_OCR": "7", "OCR_WORKERS": "8"}
    with pytest.raises(InvalidSettings, match="disagree"):
        load(both, folder=tmp_path)


def test_an_unknown_name_of_ours_is_a_warning_with_the_nearest(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        load({"CLERK_WORKERS__ORC": "7"}, folder=tmp_path)
    assert "CLERK_WORKERS__ORC" in caplog.text
    assert "did you mean CLERK_WORKERS__OCR?" in caplog.text


def test_booleans_are_written_in_four_ways(tmp_path):
    for written, value in [("true", True), ("1", True), ("false", False), ("0", False)]:
        found = load({"FEATURES_T1_QUEUE": written}, folder=tmp_path)
        assert found.features.durable_queue is value


# -- the commands ----------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in settings._known_names():
        monkeypatch.delenv(name, raising=False)

    def command(*words: str, **env: str):
        result = CliRunner(env=env).invoke(cli, ["config", *words])
        if isinstance(result.exception, InvalidSettings):
            return result.exception.exit_code, str(result.exception)
        return result.exit_code, result.output

    return command


def test_check_tells_everything_at_once(run, tmp_path):
    (tmp_path / "config.yaml").write_text("workers: {orc: 2}\nretry: {attempts: 0}\n")
    code, said = run("check", RQ_RESULT_TTL="soon", LOG_LEVEL="loud")
    assert code == 2
    file = tmp_path / "config.yaml"
    levels = "write 'debug', 'info', 'warning' or 'error'"
    no_such = "there is no such setting; did you mean workers.ocr?"
    assert said.splitlines() == [
        "The configuration is wrong:",
        "  - retention.results = 'soon' (from environment RQ_RESULT_TTL): expected a whole number",
        f"  - log_level = 'loud' (from environment LOG_LEVEL): {levels}",
        f"  - workers.orc = 2 (from {file}): {no_such}",
        f"  - retry.attempts = 0 (from {file}): write 1 or more",
    ]


def test_check_tells_faults_of_every_kind_at_once(run, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(
        "limits: {page: 9m, ocr: soon}\nqueues: {ocr: fetch}\nretry: {attempts: 0}\n"
        "workers: {queues: orc}\ndeployer: bogus\nocr: {languages: eng+tlh}\n"
    )

    code, said = run("check")

    told = [line.partition(" = ")[0] for line in said.splitlines()[1:]]
    assert code == 2
    # Of limits.page nothing can be said while limits.ocr is no time.
    assert told[:4] == [
        "  - limits.ocr",
        "  - retry.attempts",
        "  - queues.*: two queues have the name 'fetch'; give each a name of its own",
        "  - workers.queues",
    ]
    assert told[4:] == ["  - deployer", "  - ocr.languages"]
    assert len(json.loads(run("check", "--json")[1])["problems"]) == 6


def test_a_setting_that_is_no_value_is_not_told_once_more_by_what_stands_for_it(run):
    # The default of an hour less would be too short for this limit.
    code, said = run("check", CLERK_RETENTION__RESULTS="48", CLERK_LIMITS__FETCH="30h")
    assert (code, said.count("\n  - ")) == (2, 1)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("limits: 5", "this is a group of settings; below `limits:` write its settings on lines"),
        ("retry: {attempts: many}", "retry.attempts = 'many' (from {file}): write a whole number"),
        ("- a", "{file} holds no settings; write a line for each, like `redis_url: redis://…`"),
        ("a: [1", "{file} is not valid YAML: "),
        ("a: \xff", "{file} is no text in UTF-8; save it as such"),
    ],
)
def test_what_does_not_fit_is_told_with_what_to_write(run, tmp_path, written, told):
    file = tmp_path / "config.yaml"
    file.write_bytes(written.encode("latin-1"))
    code, said = run("check")
    assert code == 2
    assert told.format(file=file) in said
    assert "Input should" not in said


def test_a_settings_file_that_is_not_there_is_told_by_whoever_names_it(run, tmp_path):
    code, said = run("check", CLERK_CONFIG="nowhere.yaml")
    assert code == 2
    assert "no settings file 'nowhere.yaml', which CLERK_CONFIG names" in said
    assert "correct CLERK_CONFIG, or leave it out" in said


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        (
            "DEFAULT_OCR_BACKEND",
            "tesserakt",
            "no OCR engine called 'tesserakt'; known: tesseract, ",
        ),
        ("DEFAULT_OCR_BACKEND", "tesserakt", "did you mean tesseract?"),
        ("CLERK_OCR__LANGUAGES", "eng+tlh", "apt install tesseract-ocr-tlh"),
        ("CLERK_OCR__LANGUAGES", "enf", "did you mean eng?"),
        ("CLERK_EXTRACTOR", "rulez", "no extractor called 'rulez'; known: rules; did you mean"),
        ("CLERK_DEPLOYER", "bogus", "no deployer called 'bogus'; known: local"),
    ],
)
def test_check_refuses_a_name_that_means_nothing_here_with_the_remedy(run, name, given, told):
    code, said = run("check", **{name: given})
    assert code == 2
    assert f"= {given!r} (from environment {name}): " in said
    assert told in said
    code, said = run("check", "--json", **{name: given})
    assert (code, len(json.loads(said)["problems"])) == (2, 1)


def test_check_tells_all_such_names_at_once(run):
    wrong = ("DEFAULT_OCR_BACKEND", "CLERK_OCR__LANGUAGES", "CLERK_EXTRACTOR", "CLERK_DEPLOYER")
    code, said = run("check", **dict.fromkeys(wrong, "tlh"))
    assert (code, said.count("\n  - ")) == (2, len(wrong))


def test_a_machine_without_ocr_workers_needs_no_trained_data_but_known_names(run):
    env = {"OCR_WORKERS": "0", "CLERK_OCR__LANGUAGES": "tlh"}
    assert run("check", **env)[0] == 0
    assert "no OCR engine" in run("check", DEFAULT_OCR_BACKEND="bogus", **env)[1]


def test_checking_starts_the_engine_once(run, tmp_path, monkeypatch):
    (tmp_path / "slow_engine.py").write_text(
        "class Engine:\n"
        "    def __init__(self):\n"
        "        with open('starts', 'a') as file: file.write('.')\n"
        "    def model(self, languages): return languages\n"
    )
    info = tmp_path / "slow_engine-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: slow-engine\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[clerk.ocr_engines]\nslow = slow_engine:Engine\n")
    monkeypatch.syspath_prepend(tmp_path)

    code, said = run("check", DEFAULT_OCR_BACKEND="slow")

    assert (code, (tmp_path / "starts").read_text()) == (0, "."), said


def test_up_refuses_a_wrong_name_in_the_words_of_check(run, forge, tmp_path):
    _, said = run("check", DEFAULT_OCR_BACKEND="bogus")
    refused = forge("up", env={"DEFAULT_OCR_BACKEND": "bogus"}, folder=tmp_path)
    assert (refused.code, refused.stderr) == (2, f"clerk: {said}\n")
    assert list(tmp_path.iterdir()) == [], "nothing was started"


@pytest.mark.parametrize("words", ["enqueue town", "reread town --below 50 --dry-run"])
def test_what_leaves_the_work_to_others_warns_of_a_name_unknown_here(forge, tmp_path, words):
    nobody = {"REDIS_URL": "redis://127.0.0.1:1/0", "DATABASE_URL": "postgresql://127.0.0.1:1/d"}
    env = {"DEFAULT_OCR_BACKEND": "tesserakt", **nobody}
    told = forge(*words.split(), env=env, folder=tmp_path)
    warning, error = told.stderr.splitlines()
    assert warning.startswith("Warning: ocr.backend = 'tesserakt' (from environment DEFAULT_OCR")
    assert "did you mean tesseract?" in warning
    assert (told.code, "cannot be" in error) == (68 if "enqueue" in words else 69, True)


@pytest.mark.parametrize(
    "written",
    [
        "access: operator=hunter2-hunter2-hunter2\n",
        "access: {tokns: operator=hunter2-hunter2-hunter2}\n",
        "access: {tokens: [operator=hunter2-hunter2-hunter2]}\n",
        "metrics: {auht: me:hunter2}\n",
        "redis_ulr: redis://:hunter2@h/0\n",
        "redis_url: {url: redis://:hunter2@h/0}\n",
    ],
)
def test_a_secret_in_the_wrong_place_is_not_shown(run, tmp_path, written):
    (tmp_path / "config.yaml").write_text(written)
    code, said = run("check")
    assert (code, "hunter2" in said) == (2, False), said


def test_check_says_so_when_all_is_well(run):
    assert run("check", OCR_WORKERS="3") == (0, "The settings are valid; 1 of them are set.\n")
    code, said = run("check", "--json", OCR_WORKERS="many")
    assert (code, json.loads(said)["valid"]) == (2, False)


def test_show_names_the_source_and_hides_secrets(run):
    env = {
        "REDIS_URL": "redis://me:hunter2@h/0",
        "METRICS_AUTH": "prometheus:hunter3",
        "INTERNAL_SERVICE_TOKEN": "hunter4-and-more-letters",
    }
    code, said = run("show", **env)
    assert (code, "hunter" in said) == (0, False)
    assert run("show", "--redact", **env)[1] == said
    assert re.search(r"redis_url +redis://me:\*\*\*@h/0 +\(environment REDIS_URL\)", said)
    assert "hunter2" in run("show", "--secrets", **env)[1]


def test_the_example_is_current_and_says_the_defaults(run, tmp_path):
    example = docs.example()
    assert (ROOT / "config.example.yaml").read_text() == example
    (tmp_path / "config.yaml").write_text(example)
    assert load({}, folder=tmp_path) == settings.Settings()
    uncommented = re.sub(r"^#(?! )|^#(?=  )", "", example, flags=re.MULTILINE)
    (tmp_path / "config.yaml").write_text(uncommented)
    found = load({}, folder=tmp_path)
    assert found.model_copy(update={"workers": settings.Workers()}) == settings.Settings()
