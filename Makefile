# Each target does its own set-up: a fresh clone needs git, make and Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Stored outputs hold figures as data, never as HTML with an id of the day.
export PLOTLY_RENDERER := plotly_mimetype
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup lab dashboard test test-all notebooks pictures slides docs lint lock data coverage bench fuzz clean
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(READY) ## make .venv with the pinned packages

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "srmlib needs Python 3.11 or newer; run make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing; install it (Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .
	@touch $(READY)

lab: setup ## open JupyterLab on the notebooks
	$(BIN)/srmlib lab

dashboard: setup ## open the explorer as a page for readers without code
	$(BIN)/srmlib dashboard

test: setup ## unit tests, data checks, notebooks and browser tests
	$(BIN)/python -m pytest -m "not heavy"

test-all: setup lint ## the same, and what is heavy
	$(BIN)/python -m pytest

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

lock: setup ## resolve pyproject.toml into requirements.lock again
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate \
	  --custom-compile-command 'make lock' --all-extras --upgrade --output-file requirements.lock pyproject.toml

data: setup ## put data/ in order and name every problem in it
	$(BIN)/srmlib check data --fix --format table

coverage: setup ## write docs/coverage.md: what the catalogue holds, and on which words it rests
	$(BIN)/python scripts/write_coverage.py

bench: setup ## speed as ratios to named peers, measured in one run
	$(BIN)/python scripts/bench.py
	$(BIN)/python scripts/bench_memory.py
	$(BIN)/python scripts/bench_exports.py
	$(BIN)/python scripts/bench_toggle.py

fuzz: setup ## give 200,000 mutated inputs to every reader, loader and exporter (minutes; wants atheris)
	$(BIN)/python scripts/fuzz.py --runs 15000

clean: ## remove what set-up made
	rm -rf $(VENV)
