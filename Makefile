# The commands of a developer's day. Everything is installed into .venv; nothing needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Files of tests that run at a time, each lot on servers of its own. Most of a flow test is waiting.
JOBS ?= 3
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: install install-demo test fast check bench chaos fuzz purges demo clean

install: $(VENV)/.dev
install-demo: $(VENV)/.demo

$(VENV)/.dev: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "clerk needs Python 3.11 or newer; set PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(VENV)/.dev $(VENV)/.demo

# The demo needs no developer tools.
$(VENV)/.demo: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "clerk needs Python 3.11 or newer; set PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[embedded,demo]'
	@touch $(VENV)/.demo

test: install  ## everything, on servers it starts by itself
	$(PYTEST)

fast: install  ## the levels that need no worker processes
	$(PYTEST) tests/unit tests/contract tests/store

check: install  ## format, lint, types, import arrows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m tests.bench

chaos: install  ## 20 rounds of a run in which things are killed; each ends with an exact account
	$(BIN)/python -m tests.chaos

fuzz: install  ## 500 mutated PDFs through the confined reader
	$(BIN)/python -m tests.fuzz

purges: install  ## 20 purges at random moments of a run; nothing is written late, nothing hangs
	PURGE_ROUNDS=20 $(BIN)/python -m pytest tests/flow/test_control_rounds.py

demo: install-demo  ## a fictional town, from its website to a searched database
	$(BIN)/python -m clerk.demo

clean:
	rm -rf $(VENV) demo-state .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
