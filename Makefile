# Everything that is needed to work here: run, test, check, bench. Needs make and Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
export PYTHONPATH := platform:.
export DJANGO_SETTINGS_MODULE := switchyard.settings

# Keeps back a Ctrl-C of the first moment until Python can hear it. Only GNU's env can do so.
PATIENT = $(shell env --block-signal=INT,TERM,HUP true 2>/dev/null && echo env --block-signal=INT,TERM,HUP)

.PHONY: run restore test check check-types check-lint check-imports check-templates check-requirements check-migrations bench faults screenshots messages format

# Starts the whole platform on this machine; Ctrl-C ends it. See README.md for its ports.
run: .venv/runtime
	@exec $(PATIENT) $(BIN)/python platform/run.py

# Puts a backup in the place of what the platform here holds, while it does not run; README.md has a line.
restore: .venv/runtime
	@test -n "$(BACKUP)" -a -n "$(KEY)" || { echo "Say: make restore BACKUP=FILE KEY=FILE REPLACE=yes"; exit 2; }
	@exec $(PATIENT) $(BIN)/python platform/run.py restore "$(BACKUP)" --key "$(KEY)" $(if $(REPLACE),--replace)

# Runs every test that this machine can run and says what it left out. TESTS=tests/jobs runs only those.
# PROCESSES run them beside each other: most of them wait for a server or a worker most of the time.
PROCESSES ?= 2
test: .venv/development
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(or $(TESTS),--numprocesses=$(PROCESSES) --dist=loadfile --no-loadscope-reorder)
	@$(BIN)/coverage combine --quiet
	@$(if $(TESTS),true,$(BIN)/coverage report --format=total) >/dev/null || { $(BIN)/coverage report; exit 1; }

# Two steps at a time: mypy takes as long as all others.
check: .venv/development
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) \
		check-types check-lint check-imports check-templates check-requirements check-migrations

check-types:
	$(BIN)/mypy

check-lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/django-upgrade --target-version 5.2 $$(git ls-files '*.py')

check-imports:
	$(BIN)/lint-imports

check-templates:
	$(BIN)/djade --target-version 5.2 --check $$(git ls-files '*.html')
	$(BIN)/djlint --lint --quiet jobs emails packets uploads platform

check-requirements:
	$(BIN)/deptry .

check-migrations:
	$(BIN)/python manage.py makemigrations --check --dry-run

# Kills, cuts and freezes at random while jobs of all kinds run, then compares the database with the outside.
# make faults SEED=7 BROKER=rabbitmq MINUTES=5 does the same again; MINUTES=0 is the short run of `make test`.
faults: .venv/development
	@$(BIN)/python -m tests.faults --broker=$(or $(BROKER),valkey) --minutes=$(or $(MINUTES),6) $(if $(SEED),--seed=$(SEED))

# Writes pictures of the main pages, in both themes and as phones show them, to var/screenshots or FOLDER.
screenshots: .venv/development
	@FOLDER=$(FOLDER) $(BIN)/python -m tests.browser.screenshots

# Writes all that is to be translated to locale/; docs/languages.md tells the rest. make messages LANGUAGE=de
messages: .venv/development
	@command -v xgettext >/dev/null || { echo "make messages needs xgettext, which is a part of GNU gettext."; exit 1; }
	@$(BIN)/python manage.py makemessages --locale=$(or $(LANGUAGE),en) --ignore='var/*' --ignore='tests/*' --no-obsolete

# Lists the benchmarks; `make bench-NAME` runs one.
bench:
	@ls tests/benchmarks/*.py 2>/dev/null | sed 's,.*/\(.*\)\.py,make bench-\1,' | grep . || echo "No benchmarks yet."

bench-%: .venv/development
	@$(BIN)/python -m tests.benchmarks.$*

format: .venv/development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djade --target-version 5.2 $$(git ls-files '*.html')

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Switchyard needs Python 3.11 or newer, and $(PYTHON) is not. Name another: make run PYTHON=python3.11"; \
		exit 1; }
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt | .venv/bin/python
	@echo "Installing the pinned packages into .venv ..."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/development: requirements.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing the pinned packages for development into .venv ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ .venv/runtime
