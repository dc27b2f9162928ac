# Every task of the project. `make run` and `make test` are all that a newcomer needs.

HERE := $(dir $(lastword $(MAKEFILE_LIST)))
ifneq ($(HERE),./)
# Called from another folder (make -f …/Makefile): do it in the project's own.
$(or $(firstword $(MAKECMDGOALS)),help): ; @$(MAKE) --no-print-directory -C "$(HERE)" $(or $(MAKECMDGOALS),help)
else

VENV := .venv
BIN := $(VENV)/bin
# Test processes; one for each processor.
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help run dev setup test test-long lint format coverage attack bench-admin bench-api bench-weight pictures api-document requirements clean

help: ## Explain every task
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

run: $(VENV)/.run ## Start the site: everything it needs is made on the first run
	@exec $(BIN)/flask --app app.py serve --setup

dev: $(VENV)/.test ## Start for development: reloads on changes, debugger on this machine only
	@$(BIN)/flask --app app.py setup
	@exec $(BIN)/flask --app app.py dev

setup: $(VENV)/.run ## Make secrets, database, first administrator and demo site, without starting
	@$(BIN)/flask --app app.py setup

test: $(VENV)/.test ## Run the tests; what this machine cannot run is listed with the reason
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not long" $(ARGS)

test-long: $(VENV)/.test ## Run the soaks and big files
	$(BIN)/python -m pytest -m long $(ARGS)

lint: $(VENV)/.test ## Check style, types and the floors of the house
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test ## Lay out the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

coverage: $(VENV)/.test ## Run the tests and tell which lines they miss
	$(BIN)/python -m pytest -n $(JOBS) -m "not long" --cov --cov-report=term $(ARGS)

bench-admin: $(VENV)/.test ## Measure the back office beside a bare Flask-Admin view
	$(BIN)/python -m bench.admin

bench-api: $(VENV)/.test ## Measure reads by the API beside bare Flask
	$(BIN)/python -m bench.api

bench-weight: $(VENV)/.test ## Measure what pages weigh over the wire, in Chromium
	$(BIN)/python -m bench.weights

attack: $(VENV)/.attack ## Let tools that others wrote loose on a site of its own, then the suite of attacks
	$(BIN)/python -m tests.attacks.tools $(ARGS)

pictures: $(VENV)/.test ## Make the pictures of the handbook anew, in Chromium
	$(BIN)/python -m docs.pictures

api-document: $(VENV)/.test ## Tell how the API's document has changed, and keep it as it is now
	$(BIN)/python -m tests.functional.api.snapshot --write

requirements: $(VENV)/.test ## Compile the pinned packages anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --no-emit-index-url --group test pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --no-emit-index-url pyproject.toml -o deploy/requirements-runtime.txt
	@for list in requirements.txt deploy/requirements-runtime.txt; do \
	  { sed -n '/# Flask-Reuploaded/,/path traversals/s/^ *//p' pyproject.toml; cat $$list; } > $$list.new && mv $$list.new $$list; \
	done

clean: ## Remove the virtual environment and caches; data in instance/ and uploads/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps keep a second run quick: packages are installed again only when a list of them changed.
$(VENV)/.python:
	@python=""; for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	test -n "$$python" || { echo "Masthead needs Python 3.11 or newer; none was found (PYTHON=/path/to/python names one)." >&2; exit 1; }; \
	echo "Making the virtual environment with $$($$python --version) ..."; \
	$$python -m venv $(VENV) || { echo "The virtual environment could not be made; on Debian: apt install python3-venv." >&2; exit 1; }
	@touch $@

$(VENV)/.run: $(VENV)/.python deploy/requirements-runtime.txt
	@echo "Installing packages ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r deploy/requirements-runtime.txt
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements.txt
	@echo "Installing packages for tests ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# These tools pin other packages than we do, so they live in a folder of their own.
$(VENV)/.attack: $(VENV)/.test
	@echo "Installing wapiti and sqlmap ..."
	@$(BIN)/python -m venv $(VENV)/attack
	@$(VENV)/attack/bin/python -m pip install --quiet --disable-pip-version-check wapiti3==3.2.3 sqlmap==1.10.10
	@touch $@

# So does what makes a Python client of the API's document: it brings along what its clients stand on.
$(VENV)/.clients: $(VENV)/.test
	@echo "Installing openapi-python-client ..."
	@$(BIN)/python -m venv $(VENV)/clients
	@$(VENV)/clients/bin/python -m pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1
	@touch $@

endif
