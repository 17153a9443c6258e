# Everything happens in .venv, which the first target that needs it makes. Needed beforehand: Python 3.11 or newer, git, make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   := lookml_fixtures/projects/storefront
REPO   ?= $(DEMO)
export REPO
PORT   ?= 3000
OLD    := .venv-sdk24
SUDO   := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: help run dev chromium redis celery test test-all test-sdk24 fuzz check golden bench clean
.DEFAULT_GOAL := help

help:  ## say what can be made
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; try make PYTHON=python3.12")'
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing into $(VENV) (the first time takes a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

run: $(READY)  ## compile the demo project, or REPO=path/to/lookml
	@$(BIN)/dagster-lookml compile "$$REPO"

dev: $(READY)  ## open the demo project in Dagster, on PORT or another that is free
	@$(BIN)/python lookml_fixtures/dagster_demo/serve.py --port "$(PORT)"

chromium:  ## install the browser that the tests of pages need (Debian, Ubuntu)
	@test -x /usr/bin/chromium || { \
	  echo "installing chromium and fonts-dejavu-core with apt-get"; \
	  $(SUDO) apt-get install --yes --no-install-recommends chromium fonts-dejavu-core; }

redis:  ## install redis-server, and dagster-celery, for the tests on Celery (Debian, Ubuntu; there redis may start as a service)
	@test -x /usr/bin/redis-server || { \
	  echo "installing redis-server with apt-get"; \
	  $(SUDO) apt-get install --yes --no-install-recommends redis-server; }
	@test -d $(VENV)/lib/*/site-packages/dagster_celery || $(BIN)/python -m pip install --quiet --disable-pip-version-check dagster-celery redis

celery: $(READY) redis  ## start redis and two Celery workers, and have them build PDTs
	@$(BIN)/python -m pytest -q tests/on_celery

test: $(READY)  ## run the tests
	@$(BIN)/python -m pytest -q -n 2 -m "not slow"

test-all: $(READY) test-sdk24  ## run the tests, the long ones too
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup

# dagster-looker wants an old looker-sdk and an old cattrs; who has it installed has these.
$(OLD)/.ready: pyproject.toml
	@test -x $(OLD)/bin/python || $(PYTHON) -m venv $(OLD)
	@echo "installing into $(OLD) (the first time takes a minute)"
	@$(OLD)/bin/python -m pip install --quiet --disable-pip-version-check --editable . \
	  'looker-sdk==24.16.*' 'cattrs<23.2' 'hypothesis>=6.100' 'pytest>=8' 'pytest-xdist>=3.5'
	@touch $@

test-sdk24: $(OLD)/.ready  ## run the tests of PDTs with the oldest looker-sdk that is supported
	@$(OLD)/bin/python -m pytest -q -n 2 tests/pdt

fuzz: $(READY)  ## run the property tests on newly drawn examples; test draws the same each time
	@HYPOTHESIS_PROFILE=new $(BIN)/python -m pytest -q -n 2 tests/properties tests/syntax/test_scanner.py

check: $(READY)  ## lint, types, import layers, README examples
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/test_readme.py

golden: $(READY)  ## rewrite the expectations of lookml_fixtures, to be read as a diff
	@$(BIN)/python -m tests.golden

bench: $(READY)  ## measure speed and memory, as ratios to lkml in the same run
	@$(BIN)/python -m tests.benchmarks

clean:  ## remove what the other targets made
	rm -rf $(VENV) $(OLD) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .pictures
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
