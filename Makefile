# make dream       a fresh machine to dream.png, with the weights that ship with the package
# make test        format, lint, types and all tests; does nothing if nothing changed since it last passed
# make test-fast   the same without the slow tests
# make format      rewrite the sources in the house style
# make docs        build the site into build/site, run its tutorials and commands, and check every link
# make data        build the glyph set (64 px) in the user's cache
# make clean       remove everything that make made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := dev,data,train,judge,export,sd,studio
# One thread a process: two test processes share two cores.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal
SOURCES := $(shell find src tests benchmarks tools -name '*.py' -o -name '*.safetensors' -o -name '*.onnx' -o -path 'src/tensho/composition/*' -type f -o -path 'src/tensho/ascii_art/named_styles/*' -type f) pyproject.toml README.md ARCHITECTURE.md $(wildcard docs/*.md docs/*/*.md)

.PHONY: dream test test-fast lint types style format docs data clean

dream: $(VENV)/.core
	$(BIN)/tensho dream --out dream.png

test: $(VENV)/.tested
	@echo "all checks passed; nothing has changed since"

$(VENV)/.tested: $(VENV)/.dev $(SOURCES)
	$(MAKE) lint
	$(PYTEST)
	@touch $@

test-fast: $(VENV)/.dev lint
	$(PYTEST) -m "not slow"

# The types take as long as all the others together, so they are checked beside them.
lint: $(VENV)/.dev
	$(MAKE) --jobs 2 --output-sync types style

types: $(VENV)/.dev
	$(BIN)/mypy

style: $(VENV)/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/reuse lint --quiet || $(BIN)/reuse lint --lines
	$(BIN)/python -m tools.shipped_files --check
	$(BIN)/codespell README.md ARCHITECTURE.md CHANGELOG.md NOTICE docs src tests tools benchmarks scripts
	$(BIN)/python -m tools.check_prose

format: $(VENV)/.dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -W --keep-going -q -j 2 -d build/doctrees docs build/site
	$(BIN)/python -m tools.check_site build/site
	$(BIN)/python -m tools.documented_commands

data: $(VENV)/.dev
	$(BIN)/tensho data build

$(VENV)/.core: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "tensho needs Python 3.10 or later: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[data]"
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[$(EXTRAS)]"
	@touch $@

$(VENV)/.docs: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[docs]"
	@touch $@

clean:
	rm -rf $(VENV) build dream.png .pytest_cache .mypy_cache .ruff_cache .hypothesis
