# make run    the demonstration, or the installation that `flask setup` began
# make test   the tests, on SQLite and on a PostgreSQL that needs no installation
#
# `make slow` kills, stops and starves it for some minutes; `make chaos` plays 2,000 offices in ten, goes on
# for hours, and breaks it on purpose to see that the tests notice; CHAOS_SEED=… repeats a run.
# Everything else needs what `make test` needs; `browser` and `screenshots` need Chromium too.
# PORT=…, DATABASE_URL=…, WEB_WORKERS=…, SCHEDULERS=…, TRACKER_INSTANCE=… reach the program as environment.

VENV := .venv
BIN := $(VENV)/bin
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON := $(shell for each in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$each" -c '$(NEW_ENOUGH)' 2>/dev/null && { echo "$$each"; break; }; done)
WORKERS := 2
# Tests that wait for others now and then get one more worker than there are processors.
WAITING := 3
SIMULATION := tests/chaos/test_simulation.py

# What Python has translated once it keeps, also for the processes that tests start by the dozen.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-postgresql lint types browser slow chaos bench accuracy screenshots messages clean
.NOTPARALLEL:

run: $(VENV)/.run
	@exec $(BIN)/flask --app wsgi start

test: $(VENV)/.tests
	$(BIN)/python -m pytest -n $(WORKERS) --ignore=tests/browser --ignore=tests/chaos --ignore=tests/growing

test-postgresql: $(VENV)/.tests
	$(BIN)/python -m pytest -n $(WORKERS) --ignore=tests/browser --ignore=tests/chaos --ignore=tests/growing --database=rest

lint: $(VENV)/.tests
	$(BIN)/ruff check

types: $(VENV)/.tests
	$(BIN)/mypy

browser: $(VENV)/.tests
	$(BIN)/python -m pytest -n $(WORKERS) tests/browser

slow: $(VENV)/.tests
	CHAOS=small $(BIN)/python -m pytest -n $(WAITING) tests/chaos tests/growing

chaos: $(VENV)/.tests
	CHAOS=full $(BIN)/python -m pytest -n $(WORKERS) --maxschedchunk 1 $(SIMULATION)
	CHAOS=full $(BIN)/python -m pytest --ignore=$(SIMULATION) tests/chaos tests/growing
	$(BIN)/python tests/chaos/mutants

bench: $(VENV)/.tests
	@set -e; for each in b4 pages reminders intake; do echo "== $$each"; $(BIN)/python -m benchmarks.$$each; done

accuracy: $(VENV)/.tests
	$(BIN)/python -m tests.intake.accuracy

screenshots: $(VENV)/.tests
	$(BIN)/python -m tests.browser.screenshots

messages: $(VENV)/.run
	$(BIN)/pybabel -q extract -F babel.cfg -k lazy_gettext -k N_ -o messages.pot .

clean:
	rm -rf $(VENV)

$(VENV)/.run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.tests: requirements.txt tests/requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@ $(VENV)/.run

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Cần Python 3.11 trở lên. / Python 3.11 or later is needed." >&2; exit 1; fi
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Cần mô-đun venv của Python (Debian, Ubuntu: gói python3-venv)." >&2; exit 1; }
