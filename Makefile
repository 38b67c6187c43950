# Everything a person types. `make help` lists the verbs.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := data/demo
PACKAGES := orchestration ingestion analyses expectations simulation

# Telemetry of the libraries stays off, in every verb.
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DAGSTER_DISABLE_TELEMETRY := yes

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

# ---------------------------------------------------------------- environment

$(READY): requirements.lock pyproject.toml
	@set -e; \
	python="$(PYTHON)"; \
	for candidate in python3.13 python3.12 python3.11 python3; do \
		[ -n "$$python" ] && break; \
		"$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && python=$$candidate; \
	done; \
	[ -n "$$python" ] || { echo "Python 3.11, 3.12 or 3.13 is needed, and none was found: install one, or name it with make PYTHON=/path/to/python." >&2; exit 1; }; \
	"$$python" -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make environments: apt-get install python$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" >&2; exit 1; }; \
	echo "Making the environment in $(VENV) with $$($$python --version) ..."; \
	rm -rf $(VENV); "$$python" -m venv $(VENV); \
	if command -v uv >/dev/null; then \
		uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock; \
		uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.lock; \
		$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi; \
	touch $(READY)

.PHONY: environment
environment: $(READY) ## Make .venv from requirements.lock

.PHONY: lock
lock: ## Resolve requirements.lock again (needs uv); the file records no index address
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--all-extras pyproject.toml -o requirements.lock --upgrade -q

# ---------------------------------------------------------------- use

$(DEMO)/truth: | $(READY)
	@$(BIN)/atmp-rwe --home $(DEMO) simulate --patients 600 --seed 2022

.PHONY: run
run: $(READY) $(DEMO)/truth ## Synthetic deliveries in data/demo, then the main job
	@$(BIN)/atmp-rwe --home $(DEMO) run

.PHONY: serve
serve: $(READY) $(DEMO)/truth ## The Dagster UI on loopback, with the lineage of everything
	@$(BIN)/atmp-rwe --home $(DEMO) serve

# ---------------------------------------------------------------- develop

.PHONY: test
test: $(READY) ## Every test; the browser's where Debian's chromium and chromium-driver are installed
	$(BIN)/python -m pytest -q -n 2 --no-loadscope-reorder --durations=20 \
		$(if $(and $(wildcard /usr/bin/chromium),$(wildcard /usr/bin/chromedriver)),-m "browser or not browser")

.PHONY: validation
validation: $(READY) ## Coverage of 95 % intervals by simulation, into docs/validation.md (an hour or two)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.validation

.PHONY: fuzz
fuzz: $(READY) ## Ten thousand generated files through ingestion
	ATMP_RWE_FUZZ_EXAMPLES=10000 $(BIN)/python -m pytest -q tests/unit/ingestion/test_ingestion_fuzz.py tests/unit/ingestion/test_ingestion_fuzz_inside.py

.PHONY: test-browser
test-browser: $(READY) ## The report in a real headless browser (Debian: chromium chromium-driver)
	$(BIN)/python -m pytest -q -m browser

.PHONY: check
check: $(READY) ## Format, lint, types, SQL style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(addprefix -p ,$(PACKAGES))
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models

.PHONY: format
format: $(READY) ## Put code and SQL into the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --processes 2 dbt_project/models

.PHONY: clean
clean: ## Remove the environment and the demo (never another home)
	rm -rf $(VENV) $(DEMO)
