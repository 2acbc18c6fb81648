# `make help` lists what there is. Everything a target needs and does not find, scripts/bootstrap installs.
.DEFAULT_GOAL := help
.PHONY: help demo test soak check format bench bench-build

help:
	@awk -F '## ' '/^[a-z-]+:.*## / { split($$1, t, ":"); printf "  make %-12s %s\n", t[1], $$2 }' Makefile

demo: ## build the example Conduit, fill its database, serve it on 127.0.0.1:8000 (PORT=…, DATABASE_URL=…)
	@scripts/bootstrap
	@scripts/demo

test: ## every test: Swift, then the API and the server by other people's programs (TEST_FILTER=… for some)
	@scripts/bootstrap --tests
	@scripts/test

soak: ## the long-running tests: properties, memory, many clients, an hour of mixed load
	@scripts/bootstrap --tests
	@scripts/test --soak

check: ## house rules: format, layering, file sizes, public docs, public names
	@scripts/check --self-test
	@scripts/check

format: ## rewrite every Swift file in the house's format
	@swift format -i -r --parallel Sources Tests Examples Package.swift

bench: ## Martlet beside its peers, in release, with a page of results (about 40 minutes; ARGS="--quick --tests rows" for less)
	@scripts/bootstrap --bench
	@scripts/bench $(ARGS)

bench-build: ## compile times of models and queries, with limits
	@scripts/bootstrap
	@scripts/bench-build
