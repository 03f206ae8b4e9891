# Everything here calls a script in .ci/, so that each also runs without make.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run test prove bench fuzz cluster fmt assets queries need

help: ## List these targets
	@echo "Masthead"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: ## Build and serve on http://localhost:8080   (ARGS="--listen … --data-dir …" go to the server)
	@.ci/start $(ARGS)

test: ## Format, lints, build, all tests, browser tests: what CI runs
	@.ci/run

prove: ## The long proofs at full length, beside the release before (OLD=commit), and faults planted into what changed (BASE=commit): takes hours
	@.ci/need test
	@. .ci/find && old=$$(.ci/old-binary "$${OLD:-99e81a6}") && \
		SQLX_OFFLINE=true MASTHEAD_PROVE=full MASTHEAD_OLD_BIN="$$old" cargo test --locked --profile quick prove
	@.ci/mutants $(BASE) $(TESTS)

bench: ## Measure against bare servers and nginx, write docs/bench.md   (ARGS="--only hit --rounds 3 …")
	@. .ci/find && bench/run $(ARGS)

fuzz: ## Feed the renderer, front matter and forms with what no person types   (TIME=seconds each, TARGET=one of them)
	@. .ci/find && .ci/fuzz "$${TIME:-300}" $${TARGET:-render front_matter form}

cluster: ## Run a primary, two replicas and two nodes for experiments   (DIR=directory for their data)
	@.ci/cluster "$${DIR:-/tmp/masthead-dev-cluster}"

fmt: ## Format the Rust code
	@. .ci/find && cargo fmt

assets: ## Format and bundle the scripts and style sheets of pages   (static/js, static/css to static/dist)
	@.ci/need assets
	@.ci/assets build

queries: ## Renew .sqlx/ after a change of queries or migrations
	@.ci/queries

need: ## Check for what is needed to run and test, and install what is missing
	@.ci/need test
