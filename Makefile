# What one can do here: `make help`. Nothing needs preparing but Python 3.11 or later.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
# Two threads of a numerical library on two shared cores can be thirty times slower than one.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
# Where the shell forbids it (containers often do), every process would compile its libraries anew: a second each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint format bench docs system clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

.venv/.runtime: requirements.lock pyproject.toml .ci/environment
	@sh .ci/environment runtime "$(PYTHON)"

.venv/.development: requirements.lock pyproject.toml .ci/environment
	@sh .ci/environment development "$(PYTHON)"

demo: .venv/.runtime ## Build the demo company, analyse it, serve its desk on localhost (ARGS=--check: look once and exit)
	@$(BIN)/aboveboard demo $(ARGS)

test: .venv/.development ## The default suite, under four minutes (ARGS goes to pytest)
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile $(ARGS)

test-slow: .venv/.development system ## Engine against engine, whole stories, ten million rows, pm4py, a real browser
	@$(BIN)/python -m pytest -m slow -n 2 --dist loadfile $(ARGS)

lint: .venv/.development ## Style, types and the contracts between layers
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo

format: .venv/.development ## Put the code into the house style
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

bench: .venv/.development ## What README and docs/measures quote, each beside its peers (long)
	@$(BIN)/python -m benchmarks $(ARGS)

docs: .venv/.development ## Build the documentation strictly into site/
	@$(BIN)/mkdocs build --strict --quiet && echo "built site/index.html"

system: ## Install the system packages of the slow suite (Java for Spark, Chromium for the browser), where it may
	@sh .ci/system

clean: ## Remove what was built; the environment stays
	rm -rf site dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache spark-warehouse
