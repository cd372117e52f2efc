PYTHON ?= python3
STAGE  ?= dev
SCALE  ?= 1
VENV   := .venv
BIN    := $(VENV)/bin
# AWS's emulator of the Lambda runtime exists for these; elsewhere the tests that need it are skipped.
LAMBDA := $(if $(filter Linux-x86_64 Linux-aarch64,$(shell uname -s)-$(shell uname -m)),.cache/lambda/aws-lambda-rie)
# Without npm the tests that drive the official MCP clients fail, and say so.
NODE   := $(if $(shell command -v npm),.cache/node/node_modules/.package-lock.json)
# They check the templates and the OpenAPI document. None agrees with the other, or with what is in $(VENV), on versions.
VALIDATORS := aws-sam-cli checkov openapi-python-client schemathesis
# What a stage exports does not depend on its user pool.
ANY_POOL := arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AnyPool00

.DEFAULT_GOAL := help
.PHONY: help dev test lint format package bench lock clean

help:  ## Show these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

dev: $(VENV)/.installed  ## Run the emulator and the API on this machine
	@$(BIN)/python -m emulator --api --scale $(SCALE)

test: $(VENV)/.installed $(VALIDATORS:%=.cache/validators/%/.installed) $(LAMBDA) $(NODE)  ## Run the whole test suite
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: $(VENV)/.installed  ## Check format, rules, types and the exported documents
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@mkdir -p out/openapi && rm -f out/openapi/*
	@for stage in $$($(BIN)/python -c 'import json; print(*json.load(open(".chalice/config.json"))["stages"])'); do \
	    COGNITO_USER_POOL_ARN=$(ANY_POOL) $(BIN)/python openapi_export.py --stage $$stage \
	        --url https://api.example.com/$$stage --output out/openapi/$$stage.yaml || exit 1; \
	done
	@$(BIN)/python -m openapi_lint --fail-on warning out/openapi

format: $(VENV)/.installed  ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

package: $(VENV)/.installed  ## Write the package of a stage into out/: make package STAGE=prod
	@$(BIN)/python -m ops package --stage $(STAGE)

bench: $(VENV)/.installed $(LAMBDA)  ## Measure the function against its peers
	@$(BIN)/python -m benchmarks

lock: $(VENV)/.installed  ## Update requirements-dev.txt from requirements-dev.in, on purpose
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	    --output-file requirements-dev.txt requirements-dev.in
	@for tool in $(VALIDATORS); do \
	    echo $$tool | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	        --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' \
	        --output-file tests/validators/$$tool.txt - || exit 1; \
	done

clean:  ## Remove what the commands above made
	rm -rf $(VENV) .cache out openapi.yaml .chalice/deployments .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.installed: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo 'Installing what is pinned in requirements-dev.txt into $(VENV): 700 MB, some minutes ...'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.cache/validators/%/.installed: tests/validators/%.txt | $(VENV)/.installed
	@echo 'Installing $* into .cache/validators ...'
	@$(BIN)/python -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-compile -r $<
	@touch $@

.cache/lambda/aws-lambda-rie: $(VENV)/.installed
	@echo "Installing AWS's Lambda runtime into .cache/lambda ..."
	@$(BIN)/python -m benchmarks.install

.cache/node/node_modules/.package-lock.json: tests/node/package.json tests/node/package-lock.json
	@echo 'Installing the official MCP clients into .cache/node ...'
	@mkdir -p .cache/node
	@cp $^ .cache/node
	@npm ci --prefix .cache/node --ignore-scripts --no-audit --no-fund --loglevel=error
