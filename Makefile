# The only interface: desk, commit hook and server call the same recipes.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
UV_VERSION := 0.13.9
BOOT := .venv-uv
UV := $(shell command -v uv 2>/dev/null || echo $(BOOT)/bin/uv)
RUN := $(UV) run --frozen
STAMP := .venv/.synced

export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help setup run work test test-fast test-sqlite test-postgres browser fmt check bench clean

help: ## List the recipes
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## Install everything the project needs into .venv

$(BOOT)/bin/uv:
	$(PYTHON) -m venv $(BOOT)
	$(BOOT)/bin/python -m pip install --quiet uv==$(UV_VERSION)

$(STAMP): pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen
	@touch $(STAMP)

run: $(STAMP) ## Serve on PORT (default 8000) with a demo company on first start
	@$(RUN) --no-sync fullkit up --host $(HOST) --port $(PORT)

work: $(STAMP) ## Everything that happens by itself
	@$(RUN) --no-sync fullkit manage work

test: $(STAMP) browser ## Everything, browser journeys included, on SQLite and then on PostgreSQL
	@sqlite=0; postgres=0; \
	FULLKIT_TEST_DB=sqlite $(RUN) --no-sync pytest $(ARGS) || sqlite=$$?; \
	[ $$sqlite -eq 0 ] || echo "The suite failed on SQLite (see above); going on with PostgreSQL."; \
	echo "sqlite exit code: $$sqlite"; \
	FULLKIT_TEST_DB=postgres $(RUN) --no-sync pytest $(ARGS) || postgres=$$?; \
	exit $$(( sqlite > postgres ? sqlite : postgres ))

test-sqlite: $(STAMP) ## The suite on SQLite without a browser; ARGS="tests/rules -x" narrows it
	@FULLKIT_TEST_DB=sqlite $(RUN) --no-sync pytest -m "not browser" $(ARGS)

test-fast: test-sqlite ## Same as test-sqlite

test-postgres: $(STAMP) ## The suite on PostgreSQL without a browser
	@FULLKIT_TEST_DB=postgres $(RUN) --no-sync pytest -m "not browser" $(ARGS)

browser:
	@command -v chromium >/dev/null || ./.ci/browser

fmt: $(STAMP) ## Format and fix
	@$(RUN) --no-sync ruff check --fix .
	@$(RUN) --no-sync ruff format .

check: $(STAMP) ## Format, lint, types, layers, missing migrations
	@$(RUN) --no-sync ruff format --check .
	@$(RUN) --no-sync ruff check .
	@$(RUN) --no-sync mypy
	@$(RUN) --no-sync lint-imports
	@$(RUN) --no-sync fullkit manage makemigrations --check --dry-run

bench: $(STAMP) ## Paired timings, as ratios in one run
	@$(RUN) --no-sync python bench/run.py $(ARGS)

clean: ## Remove what the recipes made; the data in var/ stays
	rm -rf .venv $(BOOT) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
