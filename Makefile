# The commands of this project. GNU make 3.81 suffices; `make help` lists them.

.DEFAULT_GOAL := help
PY := .venv/bin/python

# What `make run` and `make test` do first; quick when everything stands.
FIND := python=$$(sh deploy/find-python.sh) || exit 1; "$$python" deploy/bootstrap.py

.PHONY: help run test check bench lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start everything at http://127.0.0.1:8000 (PORT changes it); Ctrl-C stops it
	@$(FIND) && exec $(PY) deploy/serve.py

test: ## run every test (ARGS="..." goes to pytest)
	@$(FIND) --dev && exec $(PY) -m pytest -n auto --dist loadgroup $(ARGS)

check: ## style, types, layers, templates, migrations
	@$(FIND) --dev && exec $(PY) deploy/check.py

bench: ## print the figures of stock, search and requests, on both databases
	@$(FIND) --dev && exec $(PY) -m tests.bench $(ARGS)

lock: ## choose new exact versions from requirements*.in, and write their notices
	@$(FIND) && exec sh deploy/lock.sh

clean: ## remove what the tools left behind (keeps .venv and var)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov .coverage .coverage.*
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
