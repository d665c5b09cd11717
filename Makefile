# One command for each act. CI calls these and nothing else.
# Everything is installed into .venv here; system packages are asked for, or installed where you are root.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEV    := $(VENV)/.installed-dev

# WeasyPrint draws with Pango; the fonts of the reports ship with the program.
LIBRARIES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
# Real peers for the tests.
PEERS := openssh-server openssh-client nginx-light vsftpd snmpd snmp dnsmasq-base chrony rsyslog rsyslog-gnutls openssl poppler-utils minisign postgresql freetds-bin

.PHONY: help demo test fuzz lint types check system system-dev install dev format bench samples reference docs build clean

help:
	@echo "make demo     set up, audit the simulated fleet, write a bundle to demo-audit/"
	@echo "make test     set up, run all tests"
	@echo "make lint     ruff: rules and format"
	@echo "make types    mypy --strict"
	@echo "make fuzz     atheris over every parser, FUZZ_SECONDS=60 each; FUZZ_TARGETS=\"http ssh\" for some"
	@echo "make check    lint, types and tests"
	@echo "make samples  write samples/demo-bundle/ again"
	@echo "make docs     the documents as a site in build/site/, without warnings"
	@echo "make reference  write the manual page, the completions and the reference pages again"
	@echo "make bench    what audits cost at scale, beside other tools: BENCH_SIZES=100,1000,10000 BENCH_PEERS=folder of tools"
	@echo "make build    wheel and source distribution in dist/"

demo: install
	$(BIN)/auditor demo

test: dev
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

FUZZ_SECONDS ?= 60

# What it learns stays in build/fuzz/, so that the next run goes on from there; an input that crashes is left beside it.
fuzz: dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	for target in $(or $(FUZZ_TARGETS),$$($(BIN)/python -m tests.fuzz.run list)); do \
	  mkdir -p build/fuzz/$$target && \
	  $(BIN)/python -m tests.fuzz.run $$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1500 \
	    -print_final_stats=1 -artifact_prefix=build/fuzz/$$target- build/fuzz/$$target \
	    tests/fuzz/corpus/$$target || exit 1; \
	done

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: dev
	$(BIN)/mypy

check: lint types test

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

BENCH_SIZES ?= 100,1000,10000
BENCH_HOSTS ?= 40
BENCH_PEERS ?=

# 10,000 hosts take a quarter of an hour; nmap, sslyze and ssh-audit are used where they are found.
bench: dev
	$(BIN)/python -m benchmarks.scale --sizes $(BENCH_SIZES)
	$(BIN)/python -m benchmarks.stored --sizes $(BENCH_SIZES)
	$(BIN)/python -m benchmarks.peers --hosts $(BENCH_HOSTS) $(if $(BENCH_PEERS),--path $(BENCH_PEERS))

samples: install
	rm -rf samples/demo-bundle
	$(BIN)/auditor demo --quiet --format html,pdf,json,csv --output samples/demo-bundle

reference: dev
	$(BIN)/python -m scripts.reference

docs: dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict

build: dev
	rm -rf dist
	$(BIN)/python -m build --installer pip

install: system $(STAMP)

dev: system-dev $(DEV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || scripts/need python3-venv
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(STAMP)

system:
	@scripts/need $(LIBRARIES)

system-dev:
	@scripts/need $(LIBRARIES) $(PEERS)

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
