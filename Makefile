# Everything a newcomer needs: `make run` and `make test`. Only Python 3.11+ and make must be there before.
PYTHON ?= python3.11
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
ASSETS := src/callspring/_assets/.built
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.PHONY: run test check bench soak docs lock assets format clean
.PHONY: check-types check-style check-imports check-migrations check-snippet check-pages

## run: set up and start Callspring, its console and a demo shop on this machine
run: $(VENV)/.run $(ASSETS)
	@PORT=$(PORT) $(BIN)/callspring run

## test: set up and pass every test, on SQLite and on PostgreSQL, in a real browser
test: $(VENV)/.dev $(ASSETS)
	scripts/system-packages
	$(BIN)/python scripts/test.py

## check: style, types, import contracts
check: $(VENV)/.dev $(ASSETS)
	@$(MAKE) --no-print-directory -j2 -k check-types check-style check-imports check-migrations check-snippet check-pages

# The parts of `check`, which one may run by themselves too. The longest comes first: it has a core to itself.
check-types: $(VENV)/.dev
	$(BIN)/mypy src tests benchmarks scripts
check-style: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
check-imports: $(VENV)/.dev
	$(BIN)/lint-imports
check-migrations: $(VENV)/.dev
	$(BIN)/callspring migrate --check
check-snippet: $(ASSETS)
	node_modules/.bin/tsc --noEmit -p snippet
check-pages: $(ASSETS)
	node_modules/.bin/tsc --noEmit -p frontend

## bench: speed as ratios to something measured in the same run
bench: $(VENV)/.dev $(ASSETS)
	$(BIN)/python -m benchmarks

## soak: the long runs (many faults, load)
soak: $(VENV)/.dev $(ASSETS)
	scripts/system-packages
	$(BIN)/python -m pytest -m soak tests

## docs: the screenshots in docs/ made anew from the running product
docs: $(VENV)/.dev $(ASSETS)
	scripts/system-packages
	$(BIN)/python scripts/screenshots.py

## lock: choose newest versions of all dependencies and write them down with their hashes
lock: $(VENV)/.dev
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-header --no-annotate --upgrade -q -o requirements/dev.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --universal --generate-hashes --no-header --no-annotate -c requirements/dev.txt -q -o requirements/run.txt

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

assets: $(ASSETS)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) 2>/dev/null || python3 -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

node_modules/.installed: package.json package-lock.json | $(VENV)/bin/python
	@test -x $(BIN)/npm || $(MAKE) $(VENV)/.run
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --loglevel=error --no-progress --ignore-scripts
	@touch $@

$(ASSETS): node_modules/.installed $(shell find snippet frontend -type f -not -path '*/node_modules/*' 2>/dev/null)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/node frontend/build.mjs
	@touch $@

clean:
	rm -rf $(VENV) node_modules src/callspring/_assets* build dist
