# make demo    a key rotation locks the users of a sample app out, live and on this machine alone
# make test    all tests, with every third-party program that can be installed here
# make check   format, lint, types, import floors, generated files; no tests
#
# Needs Python 3.11 or later, git and make; everything else goes into .venv and .tools.

.PHONY: demo test check generate lock clean
.DELETE_ON_ERROR:

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

demo: .venv/.runtime
	@$(BIN)/pincheck demo

test: .venv/.dev .tools/.peers
	@$(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST)

check: .venv/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy tools action
	$(BIN)/lint-imports
	$(BIN)/python tools/formats.py --check
	$(BIN)/python tools/hooks.py --check
	$(BIN)/python tools/docs.py --check
	$(BIN)/python tools/outage_page.py --check
	$(BIN)/python tools/pictures.py --check

generate: .venv/.dev
	$(BIN)/python tools/formats.py
	$(BIN)/python tools/hooks.py
	$(BIN)/python tools/docs.py
	$(BIN)/python tools/outage_page.py

lock: .tools/.peers
	$(BIN)/python tools/lock.py

clean:
	rm -rf .venv .tools

# The first Python of the row that runs: a shim of that name may be there and fail.
$(BIN)/python:
	@for python in python3.13 python3.12 python3.11 python3; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    $$python -m venv .venv && exit 0; \
	    rm -rf .venv; echo "$$python cannot make a virtual environment" >&2; exit 1; \
	  fi; \
	done; \
	echo "pincheck needs Python 3.11 or later, and there is none on PATH" >&2; exit 1

.venv/.runtime: pyproject.toml | $(BIN)/python
	@$(PIP) --editable .
	@$(BIN)/python -m compileall -q pincheck
	@touch $@

.venv/.dev: pyproject.toml | .venv/.runtime
	@$(PIP) --editable '.[dev]'
	@touch $@

# tools/peers.py leaves the stamp itself, and only once nothing is missing.
.tools/.peers: tools/peers.py requirements.lock | $(BIN)/python
	@$(BIN)/python tools/peers.py .tools
