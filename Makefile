# Each target does its own set-up: a fresh clone needs git, make and Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
LOCK := requirements.lock
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Exists as a source archive only, so it has a lock of its own; Ibis takes no newer one.
SPARK := pyspark>=4.0,<4.1
# Stored outputs hold figures as data, never as HTML with an id of the day.
export PLOTLY_RENDERER := plotly_mimetype
export PIP_DISABLE_PIP_VERSION_CHECK := 1
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate \
  --custom-compile-command 'make lock' --upgrade
EXTRAS := --extra lab --extra images --extra fleet --extra collect
# A lock names all that is needed: older pips look beside it for what another package wants with an extra.
INSTALL := -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r

.PHONY: help setup lab dashboard test test-all test-unit test-lowest notebooks pictures slides docs lint lock dist data coverage reference bench fuzz clean
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(READY) ## make .venv with the pinned packages

$(READY): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "srmlib needs Python 3.11 or newer; run make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing; install it (Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python $(INSTALL) $(LOCK)
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .
	@touch $(READY)

lab: setup ## open JupyterLab on the notebooks
	$(BIN)/srmlib lab

dashboard: setup ## open the explorer as a page for readers without code
	$(BIN)/srmlib dashboard

test: setup ## unit tests, data checks, notebooks and browser tests
	$(BIN)/python -m pytest -m "not heavy"

test-all: setup lint $(VENV)/.spark ## the same, and what is heavy
	$(BIN)/python -m pytest
	$(MAKE) test-lowest

test-unit: setup ## what needs no browser; with VENV=.venv-3.13 PYTHON=python3.13 on another Python
	$(BIN)/python -m pytest -m "not heavy and not browser" tests

test-lowest: ## the same with the lowest versions that pyproject.toml allows, in .venv-lowest
	$(MAKE) test-unit VENV=.venv-lowest LOCK=requirements-lowest.lock

$(VENV)/.spark: requirements-spark.lock $(READY)
	$(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation -r requirements-spark.lock
	@touch $@

notebooks: setup ## run the notebooks and store their outputs and pictures
	$(BIN)/python scripts/run_notebooks.py
	$(BIN)/python scripts/draw_pictures.py

pictures: setup ## take the pictures of the explorer and the page for the README
	folder=$$(mktemp -d) && SRMLIB_SCREENSHOTS=$$folder $(BIN)/python -m pytest tests/test_browser.py && \
	  cp $$folder/explorer.png $$folder/page-light.png docs/ && rm -r $$folder

slides: setup ## turn notebooks into slides that need no network, in slides/
	$(BIN)/python scripts/make_slides.py

docs: setup ## build the site from the notebooks and docs/, in site/
	$(BIN)/python scripts/make_docs.py

lint: setup ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: setup ## resolve pyproject.toml again: all that is newest, what a user installs of it, all that is lowest
	$(COMPILE) --all-extras --output-file requirements.lock pyproject.toml
	$(COMPILE) $(EXTRAS) --constraints requirements.lock --output-file requirements-user.lock pyproject.toml
	$(COMPILE) --all-extras --resolution lowest-direct --output-file requirements-lowest.lock pyproject.toml
	echo '$(SPARK)' | $(COMPILE) --output-file requirements-spark.lock -

dist: setup ## build wheel, sdist and the CycloneDX list of what a user installs, in dist/
	$(BIN)/python scripts/build_dist.py

data: setup ## put data/ in order and name every problem in it
	$(BIN)/srmlib check data --fix --format table

coverage: setup ## write docs/coverage.md and docs/disagreements.md: on which words of AWS the catalogue rests
	$(BIN)/python scripts/write_coverage.py
	$(BIN)/python scripts/write_disagreements.py

reference: setup ## write docs/commands.md and docs/api.md from the command's help and the docstrings
	$(BIN)/python scripts/write_reference.py

bench: setup ## measure speed as ratios to named peers, in one run, and write docs/benchmarks.md
	$(BIN)/python scripts/write_benchmarks.py

fuzz: setup ## give 200,000 mutated inputs to every reader, loader and exporter (minutes; wants atheris)
	$(BIN)/python scripts/fuzz.py --runs 15000

clean: ## remove what set-up made
	rm -rf $(VENV)
