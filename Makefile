# make demo    a first video in outputs/demo.mp4
# make app     the page at http://127.0.0.1:7860
# make quick   lint, types and unit tests, while you work
# make test    all checks, and the tests of every feature; `make check` is the same
# make test-thorough   the tests that only repeat a proof at length; `.ci/run` runs both
# make bench   the figures of the README
# make test-connectors   the connectors for Pipecat and LiveKit, which install what they need for themselves
#
# Needs Python 3.11 or 3.12, pip and make. A second run installs nothing unless the requirements have changed.

.DEFAULT_GOAL := demo
.PHONY: demo app quick test test-thorough check lint format types layers units pytest bench clean test-connectors
MAKEFLAGS += --no-print-directory
# The tests start Python more than a hundred times: let it keep what it has compiled.
unexport PYTHONDONTWRITEBYTECODE
SHELL := /bin/sh

BIN := .venv/bin
SITE := .venv/lib/python3*/site-packages
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
hash = $(shell cat $(1) | cksum | cut -d' ' -f1)
RUN := .venv/installed-run-$(call hash,requirements/preview.txt requirements/wheels/*.whl)
DEV := .venv/installed-dev-$(call hash,requirements.txt requirements/*.txt requirements/wheels/*.whl)
BROWSER := .venv/browser-found

demo: $(RUN)
	@$(BIN)/python cli.py animate examples/portraits/astronaut.png examples/voices/english-woman.wav \
		--output outputs/demo.mp4
	@echo
	@echo "Watch outputs/demo.mp4. Then:"
	@echo "  make app                                                the same in a browser"
	@echo "  $(BIN)/python cli.py animate PORTRAIT VOICE -o FILE     your own picture and voice"
	@echo "  $(BIN)/python cli.py animate --help                     every option"

app: $(RUN)
	@$(BIN)/python app.py

quick: lint format types layers units

units: $(DEV)
	$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile -m "not (slow or browser or ray or training)"

test: check

check: lint format types layers pytest

lint: $(DEV)
	$(BIN)/ruff check

format: $(DEV)
	$(BIN)/ruff format --check

types: $(DEV)
	$(BIN)/mypy -n 2

layers: $(DEV)
	$(BIN)/lint-imports --no-cache --no-logo

pytest: $(DEV) $(BROWSER)
	$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile -m "not thorough"

test-thorough: $(DEV) $(BROWSER)
	$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile -m thorough

bench: $(DEV)
	@scripts/voices.sh
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.stillness
	$(BIN)/python -m benchmarks.living_face
	$(BIN)/python -m benchmarks.expression
	$(BIN)/python -m benchmarks.lipsync
	$(BIN)/python -m benchmarks.curves
	$(BIN)/python -m benchmarks.dub
	$(BIN)/python -m benchmarks.dub_covers
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.live_socket
	$(BIN)/python -m benchmarks.live_page
	$(BIN)/python -m benchmarks.joyvasa --short
	$(BIN)/python -m benchmarks.joyhallo --short
	$(BIN)/python -m benchmarks.builtin_metrics
	$(BIN)/python -m benchmarks.batch
	$(BIN)/python -m benchmarks.page

test-connectors: $(DEV)
	$(BIN)/python -m scripts.test_connectors

# Leaves outputs/ and weights/ alone.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN):
	@scripts/venv.sh
	@echo "Installing what JoyStudio needs; this takes a minute or two."
	@$(PIP) install -r requirements/preview.txt
	@rm -f .venv/installed-run-* && touch $@

$(DEV): $(RUN)
	@echo "Installing what the tests need."
	@# pip keeps an onnxruntime of the right version, and onnxruntime-gpu would write over its files.
	@if [ "$$(uname -sm)" = "Linux x86_64" ] && ls $(SITE)/onnxruntime-*.dist-info >/dev/null 2>&1 && \
		! ls $(SITE)/onnxruntime_gpu-*.dist-info >/dev/null 2>&1; then $(PIP) uninstall --yes onnxruntime; fi
	@$(PIP) install -r requirements/dev.txt
	@rm -f .venv/installed-dev-* && touch $@

$(BROWSER): $(DEV)
	@scripts/browser.sh
	@touch $@
