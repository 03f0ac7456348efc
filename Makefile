# From a bare checkout, with Python 3.11 or newer (venv) and make: `make demo`, `make test`. See README.md.
.DEFAULT_GOAL := help
.PHONY: help install demo stop test bench attack lint lock messages

export PORT ?= 8000
# A site is seven processes, and tests start many: each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin

help:
	@echo "make demo      install, then serve two demonstration chains on port $(PORT) until Ctrl-C (DETACH=1: in the background)"
	@echo "make stop      stop what make demo started"
	@echo "make test      install with the test group, then run the whole test suite"
	@echo "make lint      style of code and templates, types, import rules, missing and unsafe migrations"
	@echo "make bench     the speed figures of docs/"
	@echo "make attack    the site under attack, and what a second chain feels of it"
	@echo "make install   only the install"
	@echo "make messages  collect and compile the translations"
	@echo "make lock      renew requirements/*.txt from pyproject.toml"

install:
	@sh deploy/install.sh development

demo: install
	@$(BIN)/revisit serve --demo $(if $(filter-out 0 no,$(DETACH)),--detach)

stop:
	@if [ -x $(BIN)/revisit ]; then $(BIN)/revisit stop; else echo "Nothing runs: nothing is installed here."; fi

test:
	@sh deploy/install.sh test
	@$(BIN)/pytest $(ARGS)

bench:
	@sh deploy/install.sh test
	@$(BIN)/python -m tests.benchmarks $(ARGS)

attack:
	@sh deploy/install.sh test
	@$(BIN)/python -m tests.attacks $(ARGS)

lint:
	@sh deploy/install.sh lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djangofmt --check api billing core tenants
	$(BIN)/mypy
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/revisit makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/revisit check --tag migrations

messages:
	@sh deploy/install.sh test
	$(BIN)/python deploy/messages.py

# Newer releases of everything: make lock ARGS=--upgrade
lock:
	@sh deploy/lock.sh $(ARGS)
