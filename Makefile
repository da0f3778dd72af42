# Everything that is needed to work here: run, test, check, bench.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := platform:.
export DJANGO_SETTINGS_MODULE := switchyard.settings

.PHONY: run test check format

run: .venv/runtime
	@exec $(BIN)/python -m switchyard.yard

test: .venv/development
	$(BIN)/python -m pytest

check: .venv/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djade --target-version 5.2 --check $$(git ls-files '*.html')
	$(BIN)/djlint --lint --quiet jobs emails packets uploads platform
	$(BIN)/django-upgrade --target-version 5.2 $$(git ls-files '*.py')
	$(BIN)/deptry .
	$(BIN)/python manage.py makemigrations --check --dry-run

format: .venv/development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djade --target-version 5.2 $$(git ls-files '*.html')

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/development: requirements.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/runtime
