# `make help` lists what there is. Everything installs what it needs, into .venv and .local only.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
LOCAL := .local/venvs/local
SAM := .local/venvs/sam
NODE := .local/node
DYNAMODB := .local/dynamodb
CLIENTS := .local/clients
COMPILE := .local/venvs/uv/bin/uv pip compile -q --universal --python-version 3.13 --generate-hashes \
  --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

# What Lambda puts on its path: the core layer, and each function's own folder.
SOURCES := layers/core:functions/api:functions/fanout:functions/sender:functions/scheduler
SOURCES := $(SOURCES):functions/inbound:functions/inbound_worker:functions/console

# What decides about deliveries: `make mutants` changes it.
MUTATED := $(addprefix domain/delivery/,deciding settling changing) domain/webhook/health
MUTATED += $(addprefix services/delivery/,deliver_one attempt)

# What validates the template asks for a region, whichever: a deploy is to have its profile's own.
check: export AWS_DEFAULT_REGION ?= eu-west-1
check: export REDOCLY_TELEMETRY := off
check: export REDOCLY_SUPPRESS_UPDATE_NOTICE := true
export SAM_CLI_TELEMETRY := 0

##@ Everyday

run: $(LOCAL)/installed $(SAM)/installed ## Start the local stack, show one delivery, stay up
	@$(LOCAL)/bin/python -m local.run

test: $(VENV)/installed ## Unit, contract, function and simulation tests: no network, no emulator
	$(VENV)/bin/python -m pytest -n auto --dist loadfile

dynamodb-local: $(VENV)/installed $(DYNAMODB)/installed ## Contract and function tests on Amazon's DynamoDB Local (needs Java 17)
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m tests.worlds.dynamodb_local $(DYNAMODB)

e2e: $(VENV)/installed $(LOCAL)/installed $(SAM)/installed $(NODE)/installed $(CLIENTS)/installed .local/venvs/clients/installed .local/venvs/aws/installed ## Tests against the deployed local stack
	$(VENV)/bin/python -m pytest tests/e2e

chaos: $(VENV)/installed $(LOCAL)/installed $(SAM)/installed ## Break the local stack while events go through it, print the account: SEED=1
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m tests.chaos --seed $(or $(SEED),1)

neighbours: $(VENV)/installed $(LOCAL)/installed $(SAM)/installed ## What healthy endpoints of a local stack feel of silent ones beside them
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m tests.neighbours

check: $(VENV)/installed $(SAM)/installed $(NODE)/installed $(CLIENTS)/installed ## Format, lint, types, floors, template: what CI checks
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	PYTHONPATH=$(SOURCES) $(VENV)/bin/lint-imports --no-cache
	PYTHONPATH=cli $(VENV)/bin/lint-imports --no-cache --config cli/pyproject.toml
	PYTHONPATH=$(SOURCES) $(VENV)/bin/python -m tools.api_document > .local/openapi.json
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(CLIENTS)/node_modules/.bin/openapi-typescript .local/openapi.json -o .local/openapi.d.ts
	cd functions/console && $(CURDIR)/$(NODE)/node_modules/.bin/biome check --error-on-warnings
	$(NODE)/node_modules/.bin/tsc -p functions/console
	$(SAM)/bin/cfn-lint --regions eu-west-1 cn-north-1 us-gov-west-1 -- template.yaml
	$(SAM)/bin/sam validate --lint
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(CLIENTS)/node_modules/.bin/redocly lint --extends recommended-strict .local/openapi.json
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(CLIENTS)/node_modules/.bin/spectral lint --fail-severity hint \
	  --ruleset requirements/clients/spectral.yaml .local/openapi.json

format: $(VENV)/installed $(NODE)/installed ## Rewrite the code in the project's format
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	cd functions/console && $(CURDIR)/$(NODE)/node_modules/.bin/biome check --write

catalogue: $(LOCAL)/installed ## Load the event types that ship: TENANT=acme [SYSTEMS=unleash] [API=… KEY=…]
	@$(LOCAL)/bin/python -m local.catalogue $(TENANT) $(SYSTEMS) $(if $(API),--api $(API))

docs: $(VENV)/installed ## Renew docs/api.md and the Postman collection from the code
	PYTHONPATH=$(SOURCES) $(VENV)/bin/python -m tools.docs

screenshots: $(VENV)/installed $(LOCAL)/installed $(SAM)/installed ## Renew docs/pictures from the local stack (HOOKLINE_STACK=… from one that is up)
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m tests.e2e.console.screenshots

sbom: $(VENV)/installed ## Bill of materials of what ships (CycloneDX) into .local/sbom.json
	PYTHONPATH=$(SOURCES) $(VENV)/bin/python -m tools.bill_of_materials sbom > .local/sbom.json

##@ Measure

bench: $(VENV)/installed ## Import times, sizes, CPU per delivery, what others feel of a loud tenant: SIZE=1
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m bench
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m bench.isolation --size $(or $(SIZE),0.02)

cost: $(VENV)/installed ## Renew docs/cost.md and its plot from bench/measured.json
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m bench.cost_page write
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m bench.plot

simulate: $(VENV)/installed ## Replay a simulated run: SEED=1 DELIVERIES=1000000
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m tests.simulation --seed $(or $(SEED),1) --deliveries $(or $(DELIVERIES),100000)

mutants: $(VENV)/installed .local/venvs/mutants/installed ## Change the code that decides, line by line: does a test fail? EVERY=5: a fifth
	.local/venvs/mutants/bin/python -m tools.mutations $(or $(EVERY),1) $(MUTATED:%=layers/core/hookline/%.py) > .local/mutants.json
	PYTHONPATH=.:$(SOURCES) $(VENV)/bin/python -m tools.mutants .local/mutants.json

##@ The cloud

build: $(SAM)/installed ## Build for AWS (arm64): layers with bytecode, trimmed
	PATH="$(CURDIR)/$(SAM)/bin:$$PATH" sam build

deploy: build ## Build and deploy to your AWS account: STAGE=dev
	PYTHONPATH=.:$(SOURCES) $(SAM)/bin/python -m tools.shards $(or $(STAGE),dev)
	$(SAM)/bin/sam deploy --config-env $(or $(STAGE),dev)

guided: build ## Ask what a first deploy decides, then deploy: STAGE=prod
	@PYTHONPATH=.:$(SOURCES) $(SAM)/bin/python -m tools.guided $(or $(STAGE),dev)

##@ Upkeep

venv: $(VENV)/installed ## The development environment, .venv

lock: $(VENV)/installed ## Renew requirements/*.txt from requirements/*.in (UPGRADE=1: newest versions)
	$(COMPILE) requirements/runtime.in -o layers/dependencies/requirements.txt
	for name in aws clients dev local sam uv mutants; do \
	  $(COMPILE) requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm install --prefix requirements/clients --package-lock-only \
	  --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund --silent
	$(COMPILE) requirements/cli.in -c requirements/dev.txt -o requirements/cli.txt

vendor: $(VENV)/installed ## Renew the console's browser code from npm (needs npm; PIN=1: new versions)
	$(VENV)/bin/python -m tools.vendor $(if $(PIN),--pin)

clean: ## Remove what was built and installed
	rm -rf .aws-sam .local .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/installed: requirements/dev.txt
	@local/install.sh dev $(VENV)

.local/venvs/%/installed: requirements/%.txt
	@local/install.sh $* .local/venvs/$*

$(NODE)/installed: requirements/node/package.json $(VENV)/installed
$(DYNAMODB)/installed: requirements/dynamodb/package.json $(VENV)/installed
$(NODE)/installed $(DYNAMODB)/installed:
	@mkdir -p $(@D) && cp $< $(@D)/
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm install --prefix $(@D) --silent --no-package-lock --no-audit --no-fund
	@touch $@

$(CLIENTS)/installed: requirements/clients/package-lock.json $(VENV)/installed
	@mkdir -p $(CLIENTS) && cp requirements/clients/package*.json $(CLIENTS)/
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm ci --prefix $(CLIENTS) --silent --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: cost run test dynamodb-local e2e chaos neighbours check format catalogue docs screenshots sbom bench simulate mutants build deploy guided venv lock vendor clean help
