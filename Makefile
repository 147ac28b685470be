# The commands of this repository; `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
LOCAL := $(VENV)/.installed-local
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# Tests wait a good deal: one process more than there are cores keeps the cores busy.
PROCESSES := $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((cores < 4 ? cores + 1 : 4)))
CODE := chassis gateway media-svc chat-svc ai-svc quota-svc deploy tests

.PHONY: help setup run test check lint fmt lock keys reference bench clean

help: ## Print what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(DEV) ## Install everything for development and tests into .venv

run: $(LOCAL) ## Install what is needed and start the whole platform in one process (PORT, DUET_HOME)
	@exec $(BIN)/duet run

test: $(DEV) ## Install everything and run the tests on a real PostgreSQL and a real RabbitMQ (ARGS="-k word")
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

check: lint test ## Run everything that has to hold before a change is shared

lint: $(DEV) ## Check format, style, types and the import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(DEV) ## Format the code and repair what can be repaired by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(DEV) ## Lock the newest versions of all requirements, with hashes
	for name in base local dev; do \
		$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --python-version 3.11 --no-header --no-emit-index-url \
			--no-emit-find-links requirements/$$name.in --output-file requirements/$$name.txt; \
	done

keys: $(LOCAL) ## Write fresh keys and passwords for docker-compose.yml to .env, unless it is there
	@test -e .env && echo ".env is there already" || (umask 077 && $(BIN)/duet keys > .env && echo "made .env")

reference: $(LOCAL) ## Bring the tables of the README up to date with the code
	$(BIN)/python -m deploy.reference

bench: $(DEV) ## Measure how long replies and the processing of pictures take and print the figures (ARGS="200" sends)
	$(BIN)/python -m tests.bench.reply_overhead $(ARGS)
	$(BIN)/python -m tests.bench.media

clean: ## Remove what was installed and built; the data in .duet stays
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find $(CODE) -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# One environment for both installs: the one for development holds everything that a run needs.
$(LOCAL): requirements/local.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements/local.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt requirements/local.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $(LOCAL) $@

# PYTHON=... chooses another interpreter; by default the oldest one that will do, which the lock files were made for.
$(BIN)/python:
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			"$$python" -m venv $(VENV); exit; \
		fi; \
	done; \
	echo "Duet needs Python 3.11 or newer with venv (Debian: apt-get install python3 python3-venv)," \
		"or say where one is: make PYTHON=/path/to/python3" >&2; exit 1
