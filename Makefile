# `make run` serves the demo, `make test` runs the tests. Both need Python 3.11 or newer and nothing else, on a fresh clone too.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
ARGS ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DUEL := ../shared/bench

.DEFAULT_GOAL := help
.PHONY: help run test check bench lock clean

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: $(VENV)/.demo ## set up what is missing and serve the demo on http://localhost:8000
	@$(BIN)/python -m pocketapi init
	@$(BIN)/python manage.py pocketapi migrate
	@$(BIN)/python manage.py pocketapi seed
	$(BIN)/python manage.py runserver $(PORT)

test: $(VENV)/.test ## run the tests on SQLite and PostgreSQL, with coverage; ARGS="-k name" picks some
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --cov --cov-report=term:skip-covered $(ARGS)

check: $(VENV)/.test ## lint, format, types and the layers' import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.demo ## measure the demo under gunicorn; see bench/README.md
	$(BIN)/python bench/run.py $(ARGS)
	@if [ -d $(DUEL) ]; then echo "Beside other servers: $(DUEL)/README.md says how."; fi

lock: ## write requirements*.txt anew from pyproject.toml
	$(PYTHON) .ci/lock.py $(VENV)-lock
	@rm -rf $(VENV)-lock

clean: ## remove virtual environments and caches; rows and secrets stay
	rm -rf $(VENV) $(VENV)-lock .ci-venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) -r requirements.txt
	$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements.txt requirements-test.txt pyproject.toml | $(BIN)/python
	$(PIP) -r requirements-test.txt
	$(PIP) --no-deps --editable .
	@touch $@
