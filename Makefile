# KCloud. Every target is also an npm script: make is a convenience, not a need.

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format generate verify testenv bench soak bundle image clean \
        deploy-operator undeploy-operator test-operator operator-logs recommend

NPM := npm --silent
NAMESPACE ?= cost-optimizer
SEEDS ?= 1000

##@ First minute

help: ## Show this help
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} \
	  /^[a-zA-Z_-]+:.*##/ {printf "  \033[36m%-20s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: install ## A simulated GPU cluster: optimizations found, applied, verified and rolled back
	@$(NPM) run demo

test: install ## Every check: types, style, unit and system tests, on real components where they can be had
	@$(NPM) test

##@ Development

install: node_modules/.install-stamp ## Install dependencies

node_modules/.install-stamp: package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

lint: install ## Check types and style
	@$(NPM) run typecheck && $(NPM) run lint

format: install ## Format and fix what can be fixed
	@$(NPM) run format

generate: install ## Generate CRDs, RBAC, manifests and reference pages from their one source
	@$(NPM) run generate

verify: generate ## Fail if what is generated differs from what is committed
	@git diff --exit-code -- deploy docs/reference

testenv: install ## Build the real control plane for tests, once, into the user's cache
	@$(NPM) run testenv

bench: install ## Measure (pass DATA=<folder> with recorded traces)
	@$(NPM) run bench -- --data "$(DATA)"

soak: install ## Hunt for failing seeds: make soak SEEDS=10000
	@$(NPM) run soak -- --seeds $(SEEDS)

##@ Cluster

bundle: install ## One file to run: dist/kcloud.js
	@$(NPM) run bundle

image: bundle ## Build the container image (needs docker or podman)
	@docker build -t cost-optimizer-operator:latest .

recommend: install ## What every workload of the current cluster should be sized to
	@$(NPM) run kcloud -- recommend

deploy-operator: install ## Install CRDs, RBAC, operator and webhooks in the current cluster
	@kubectl apply --server-side -f deploy/manifests/crds.yaml
	@kubectl apply -f deploy/manifests/operator.yaml
	@kubectl -n $(NAMESPACE) rollout status deployment/cost-optimizer-operator --timeout=180s

undeploy-operator: ## Restore every workload, then remove the operator
	@kubectl delete costoptimizations --all --all-namespaces --wait --timeout=180s
	@kubectl delete -f deploy/manifests/operator.yaml --ignore-not-found
	@kubectl delete -f deploy/manifests/crds.yaml --ignore-not-found

test-operator: ## Run the operator's test suite against the current cluster
	@./tests/test_operator.sh

operator-logs: ## Follow the operator's logs
	@kubectl -n $(NAMESPACE) logs -f -l app=cost-optimizer-operator --tail=100

clean: ## Remove what was built
	@rm -rf dist coverage .kcloud
