# Every command a person needs; `make` lists them.
BACKEND ?= site-communications
ENV ?= dev
TENANT ?= demo
PORT ?= 4566
CONFIG ?=

COMPILE = uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
BIN := .venv/bin
TSC := node_modules/.bin/tsc

.DEFAULT_GOAL := help
.PHONY: help setup up preview test test-browser check format lint types fast bench golden docs pictures lock pulumi clean

help: ## List the targets
	@awk -F ' *:.*## *' '/^[a-z-]+:.*##/ { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make up takes BACKEND=$(BACKEND) ENV=$(ENV) TENANT=$(TENANT) PORT=$(PORT); PORT=0 is any free one"
	@echo "  and keys before the file's: CONFIG=\"language=typescript public=true\" (BACKEND=asset-api has these)"

setup: ## Make .venv, and node_modules where Node.js is, with everything that is needed
	@tools/setup.sh
	@tools/setup_npm.sh

up: setup ## Run a backend on this machine until Ctrl-C, following saved files
	@exec $(BIN)/backplane up "$(BACKEND)" --env "$(ENV)" --tenant "$(TENANT)" --port "$(PORT)" $(addprefix --config=,$(CONFIG)) --watch

preview: setup ## Show what a backend consists of; nothing is created
	@exec $(BIN)/backplane preview "$(BACKEND)" --env "$(ENV)" --tenant "$(TENANT)" $(addprefix --config=,$(CONFIG))

test: setup ## Run every test that needs neither the Pulumi CLI nor a browser
	@$(BIN)/pytest -m "not engine and not browser" -n auto --maxprocesses 4

test-browser: setup ## Run the tests of sites in headless Chromium, which has to be installed
	@$(BIN)/pytest -m browser

check: lint types fast ## Check format, lint and types, and run the fast tests

format: setup ## Rewrite the code in the house's format
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

lint: setup ## Check format and lint
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check

types: setup ## Check types
	@$(BIN)/mypy
	@if [ -x $(TSC) ]; then $(TSC); else echo "TypeScript's types are not checked: install Node.js and run make setup" >&2; fi

fast: setup ## Run the tests that start no emulator
	@$(BIN)/pytest -m "not e2e and not engine and not browser" -n auto --maxprocesses 4

bench: setup ## Measure against the budgets
	@$(BIN)/python -m bench

golden: setup ## Write the golden files anew, to review as a diff
	@$(BIN)/pytest tests/golden --write-golden

docs: setup ## Write docs/reference.md anew from the docstrings
	@$(BIN)/python tools/reference.py

pictures: setup ## Draw docs/pictures/ anew from the programs
	@$(BIN)/python tools/pictures.py

lock: setup ## Lock the newest versions that requirements/*.in allow
	@cd requirements && ../$(BIN)/$(COMPILE) --upgrade runtime.in -o runtime.txt
	@cd requirements && ../$(BIN)/$(COMPILE) --upgrade dev.in -o dev.txt

pulumi: setup ## Install the real Pulumi engine, for the tests that need it
	@$(BIN)/python tools/install_pulumi.py

clean: ## Remove all that these targets made
	@rm -rf .venv node_modules .backplane build *.egg-info .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
