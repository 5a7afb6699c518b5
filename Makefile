# The only interface: desk, commit hook and server call the same recipes.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
UV_VERSION := 0.13.9
BOOT := .venv-uv
# An order-only file prerequisite must be a path, so a uv that is installed is named by its full one.
UV := $(or $(shell command -v uv 2>/dev/null),$(BOOT)/bin/uv)
RUN := .venv/bin/
PYTEST := $(RUN)pytest --dist loadfile
JOBS ?= 2
ARGS ?=
STAMP := .venv/.synced
# What these rooms test knows no database, so it runs once.
ONCE := $(addprefix --ignore=tests/,rules playbook flow docs/test_reference.py reports/test_report.py reports/test_diagnose.py \
	reports/test_findings.py)

export UV_PYTHON_DOWNLOADS := never
# Compiled once, not by each of the many processes that tests start.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast test-postgres test-spark soak browser fmt check docs bench clean

help: ## List the recipes
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## Install everything the project needs into .venv

$(BOOT)/bin/uv:
	$(PYTHON) -m venv $(BOOT)
	$(BOOT)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(STAMP): pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen
	@touch $(STAMP)

run: $(STAMP) ## Serve on PORT (default 8000) with a demo company on first start
	@$(RUN)fullkit up --host $(HOST) --port $(PORT)

test: $(STAMP) browser ## Everything, browser journeys included, on SQLite and then on PostgreSQL
	@sqlite=0; FULLKIT_TEST_DB=sqlite $(PYTEST) -n $(JOBS) $(ARGS) || sqlite=$$?; \
	[ $$sqlite -eq 0 ] || echo "SQLite: the suite failed, see above. PostgreSQL follows."; \
	FULLKIT_TEST_DB=postgres $(PYTEST) -n $(JOBS) $(ONCE) $(ARGS) && exit $$sqlite

test-fast: $(STAMP) ## SQLite only, no browser; ARGS="tests/rules -x" narrows it
	@FULLKIT_TEST_DB=sqlite $(PYTEST) -m "not browser" $(ARGS)

test-postgres: $(STAMP) ## PostgreSQL only, no browser
	@FULLKIT_TEST_DB=postgres $(PYTEST) -m "not browser" $(ONCE) $(ARGS)

soak: $(STAMP) ## Arbitrary calls and every crash for an hour, on both databases
	@FULLKIT_TEST_DB=sqlite $(PYTEST) -m soak $(ARGS)
	@FULLKIT_TEST_DB=postgres $(PYTEST) -m soak $(ARGS)

test-spark: | $(UV) ## The measures on a cluster of Spark: a master and two workers (needs Java 17)
	@UV_PROJECT_ENVIRONMENT=.venv-spark $(UV) sync --frozen --extra spark
	@FULLKIT_TEST_DB=sqlite .venv-spark/bin/pytest -m spark tests/spark $(ARGS)

browser: ## Install Chromium for the journeys, where that is possible
	@./.ci/browser

fmt: $(STAMP) ## Format and fix
	@$(RUN)ruff check --fix .
	@$(RUN)ruff format .

check: $(STAMP) ## Format, lint, types, layers, missing migrations
	@$(RUN)ruff format --check .
	@$(RUN)ruff check .
	@$(RUN)mypy
	@$(RUN)lint-imports
	@$(RUN)fullkit manage makemigrations --check --dry-run

docs: $(STAMP) ## Write the reference pages that are read off the code
	@$(RUN)python docs/make.py

bench: $(STAMP) ## Paired timings, as ratios in one run
	@$(RUN)python bench/run.py $(ARGS)

clean: ## Remove what the recipes made; the data in var/ stays
	rm -rf .venv .venv-spark $(BOOT) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
