STAGE  ?= dev
SCALE  ?= 1
VENV   := .venv
BIN    := $(VENV)/bin
# The Python that $(VENV) is made with; once it is there, its own unless another is asked for.
ifeq ($(origin PYTHON), undefined)
PYTHON := $(shell $(BIN)/python -c 'print("$(BIN)/python")' 2>/dev/null || echo python3)
endif
# They check templates and the OpenAPI document. None agrees with another, or with $(VENV), on versions.
VALIDATORS := aws-sam-cli checkov openapi-python-client schemathesis
# What a stage exports does not depend on its user pool.
ANY_POOL := arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AnyPool00
# AWS's emulator of the Lambda runtime exists for these; elsewhere the tests that need it are skipped.
LAMBDA := $(if $(filter Linux-x86_64 Linux-aarch64,$(shell uname -s)-$(shell uname -m)),lambda)
# Where there is no Node.js for a machine, what runs on it is left out.
NODE   := .cache/node
# What no quick test needs.
TOOLS  := $(VALIDATORS:%=.cache/validators/%/.installed) $(LAMBDA) $(NODE)/.installed
LOCK   := uv pip compile --quiet --universal --python-version 3.11 --upgrade \
    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# Packages are installed without bytecode: each module is compiled, and kept so, when it is first used.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help dev test lint format package bench lock clean packages test-packages lambda

help:  ## Show these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

dev: packages  ## Run the emulator and the API on this machine
	@$(BIN)/python -m emulator --api --scale $(SCALE)

test: test-packages $(if $(FAST),,$(TOOLS))  ## Run the tests; FAST=1: the quick ones only
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadgroup $(if $(FAST),-m 'not slow') $(ARGS)

lint: $(NODE)/.installed  ## Check format, rules, types and the exported documents
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@! test -x $(NODE)/node || $(NODE)/node $(NODE)/node_modules/pyright/index.js --pythonpath $(BIN)/python
	@mkdir -p out/openapi && rm -f out/openapi/*
	@for stage in $$($(BIN)/python -c 'import json; print(*json.load(open(".chalice/config.json"))["stages"])'); do \
	    COGNITO_USER_POOL_ARN=$(ANY_POOL) $(BIN)/python openapi_export.py --stage $$stage \
	        --url https://api.example.com/$$stage --output out/openapi/$$stage.yaml || exit 1; \
	done
	@$(BIN)/python -m openapi_lint --fail-on warning out/openapi

format: test-packages  ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

package: packages  ## Write the package of a stage into out/: make package STAGE=prod
	@$(BIN)/python -m ops package --stage $(STAGE)

bench: test-packages $(LAMBDA)  ## Measure the function against its peers
	@$(BIN)/python -m benchmarks

lock: test-packages  ## Update what is pinned, on purpose
	@$(BIN)/pip install --quiet uv
	@$(BIN)/$(LOCK) --output-file requirements-test.txt requirements-test.in
	@$(BIN)/$(LOCK) --annotation-style line --constraint requirements-test.txt \
	    --output-file requirements-dev.txt requirements-dev.in
	@for tool in $(VALIDATORS); do \
	    echo $$tool | $(BIN)/$(LOCK) --no-annotate --output-file tests/validators/$$tool.txt - || exit 1; \
	done

clean:  ## Remove what the commands above made
	rm -rf $(VENV) .cache out openapi.yaml .chalice/deployments .mypy_cache .pytest_cache .ruff_cache .hypothesis

packages:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, for the syntax and the modules that came with it; $(PYTHON) is %s.%s. Name another: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	@$(PYTHON) -m bootstrap.packages $(VENV) requirements-dev.txt

test-packages: packages
	@$(BIN)/python -m bootstrap.packages $(VENV) requirements-dev.txt requirements-test.txt

.cache/validators/%/.installed: tests/validators/%.txt | test-packages
	@$(BIN)/python -m bootstrap.packages $(@D) $<
	@touch $@

lambda: .cache/validators/aws-sam-cli/.installed | test-packages
	@$(BIN)/python -m benchmarks.install

$(NODE)/.installed: $(wildcard tests/node/*) | test-packages
	@$(BIN)/python -m bootstrap.node
