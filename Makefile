# Two commands for a newcomer: `make portal` and `make test`. Both make what they need.
PYTHON ?= python3
SERVE ?= 1
PORT ?= 8000
BIN := .venv/bin
# nox without environments of its own runs what it finds on the path: that of .venv first.
IN_VENV := PATH="$(CURDIR)/.venv/bin:$$PATH"

.PHONY: portal test bench messages format clean help

help:
	@echo "make portal   check, build and serve the sample portal (SERVE=0: stop after the build; PORT=8000)"
	@echo "make test     style, types, floors and all tests"

.venv/run.stamp: requirements/build.txt requirements/run.txt pyproject.toml
	@echo "== creating .venv and installing the pinned packages =="
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/build.txt -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test.stamp: .venv/run.stamp requirements/test.txt
	@echo "== installing what the tests need =="
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/test.txt
	@touch $@

portal: .venv/run.stamp
	@$(BIN)/python tools/demo/play.py --serve $(SERVE) --port $(PORT)

test: .venv/test.stamp
	@$(IN_VENV) $(BIN)/nox --no-venv --session lint types imports tests
	@echo "make test: all passed. Next: make portal"

bench: .venv/test.stamp
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	@$(IN_VENV) $(BIN)/nox --no-venv --session bench

messages: .venv/test.stamp
	@$(BIN)/python tools/messages.py

format: .venv/test.stamp
	@$(BIN)/ruff format tools tests noxfile.py
	@$(BIN)/ruff check --fix tools tests noxfile.py

clean:
	rm -rf .venv .nox .portal site .mypy_cache .ruff_cache .pytest_cache .hypothesis
