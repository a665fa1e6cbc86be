# gridmap. `make` alone lists what there is.
# Each recipe's last line is an exec: make hands TERM on to its direct child only, so no shell may stand between.

.DEFAULT_GOAL := help
.PHONY: help run test check bench ordeal pictures lock clean
ARGS =
SETUP = scripts/setup.sh
BIN = .venv/bin
# whoever has it set would have every process compile all of gridmap anew
export PYTHONDONTWRITEBYTECODE =

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up what is missing, start the service, say where to look (GRIDMAP_PORT, GRIDMAP_DATA_DIR)
	@$(SETUP) run
	@exec $(BIN)/gridmap serve

test: ## set up what is missing, run every test but the long ones, two at a time (ARGS="-k locate" for some)
	@$(SETUP) test
	@exec $(BIN)/python -m pytest -m "not ordeal" --timeout 600 -n 2 --dist loadfile $(ARGS)

check: ## ruff and mypy
	@$(SETUP) venv
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@exec $(BIN)/mypy

bench: ## ratios against named peers, measured in the same run
	@$(SETUP) test
	@exec $(BIN)/python -m tests.benchmarks $(ARGS)

ordeal: ## the long tests: kills, big imports
	@$(SETUP) test
	@exec $(BIN)/python -m pytest -m ordeal $(ARGS)

pictures: ## take the README's pictures anew
	@$(SETUP) test
	@exec $(BIN)/python -m scripts.pictures

lock: ## make requirements.lock anew from pyproject.toml (needs uv; the lock names no package host)
	@exec uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade --quiet -o requirements.lock

clean: ## remove .venv and caches; data stays where GRIDMAP_DATA_DIR says
	@exec rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
