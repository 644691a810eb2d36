# KCloud. Every target is also an npm script: make is a convenience, not a need.

.DEFAULT_GOAL := help
.PHONY: help install demo test test-integration test-e2e lint format generate manifests verify testenv bench soak \
        bundle build image docker-build clean deps all run install-crds deploy undeploy \
        deploy-operator undeploy-operator operator-status test-operator operator-logs rotate-key recommend \
        run-estimator docker-run logs docker-clean k8s-deploy k8s-status k8s-port-forward k8s-logs k8s-build-deploy k8s-delete

NPM := npm --silent
NAMESPACE ?= cost-optimizer
SEEDS ?= 1000
# Kind clusters to deploy to: those of the three that exist; where there is none, the cluster of the kubeconfig.
CLUSTERS ?= $(filter aws-cluster gcp-cluster azure-cluster,$(shell kind get clusters 2>/dev/null))
# Runs one script for each cluster, or once for the current one; stops at the first failure.
define for_each_cluster
	@set -e; if [ -z "$(strip $(CLUSTERS))" ]; then NAMESPACE=$(NAMESPACE) $(1); fi; \
	for cluster in $(CLUSTERS); do echo "== $$cluster"; NAMESPACE=$(NAMESPACE) $(1) $$cluster; done
endef

##@ First minute

help: ## Show this help
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} \
	  /^[a-zA-Z0-9_-]+:.*##/ {printf "  \033[36m%-20s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: install ## A simulated GPU cluster: optimizations found, applied, verified and rolled back
	@$(NPM) run demo

test: install ## Every check: types, style, unit and system tests, on real components where they can be had
	@$(NPM) test

##@ Development

install: node_modules/.install-stamp ## Install dependencies

node_modules/.install-stamp: package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

deps: install ## The same as install

test-integration: install ## The system tests alone: contracts and whole loops on real components
	@$(NPM) run test:system

test-e2e: test-integration ## The same as test-integration

lint: install ## Check types and style
	@$(NPM) run typecheck && $(NPM) run lint

format: install ## Format and fix what can be fixed
	@$(NPM) run format

generate: install ## Generate CRDs, RBAC, manifests and reference pages from their one source
	@$(NPM) run generate

manifests: generate ## The same as generate

all: generate lint build ## Generate, check and build

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

build: bundle ## The same as bundle

image: ## Build the container image (needs docker or podman)
	@$$(command -v docker || command -v podman || echo docker) build -t cost-optimizer-operator:latest .

docker-build: image ## The same as image

run: install ## Run the operator here, against the current cluster
	@$(NPM) run kcloud -- operator --install-crds

recommend: install ## What every workload of the current cluster should be sized to
	@$(NPM) run kcloud -- recommend

install-crds: ## Install the custom resource definitions in the current cluster
	@kubectl apply --server-side -f deploy/manifests/crds.yaml

deploy-operator: ## Install CRDs, RBAC, operator and webhooks: CLUSTERS="aws-cluster gcp-cluster", or the current cluster
	$(call for_each_cluster,./deploy/deploy.sh install)

deploy: deploy-operator ## The same as deploy-operator

undeploy-operator: ## Restore every workload, then remove the operator
	$(call for_each_cluster,./deploy/deploy.sh uninstall)

undeploy: undeploy-operator ## The same as undeploy-operator

operator-status: ## What is installed, and every CostOptimization
	$(call for_each_cluster,./deploy/deploy.sh status)

test-operator: ## Test the operator on the cluster: installation, every example, apply, exact restoration, metrics
	$(call for_each_cluster,./tests/test_operator.sh)

operator-logs: ## Follow the operator's logs
	@kubectl -n $(NAMESPACE) logs -f -l app=cost-optimizer-operator --tail=100

rotate-key: ## A new key for the stored originals; old ones still open
	$(call for_each_cluster,./deploy/deploy.sh rotate-key)

##@ Estimator

ESTIMATOR := kcloud-cost-estimator
ESTIMATOR_NAMESPACE ?= kcloud-system
ESTIMATOR_KUBECTL = kubectl -n $(ESTIMATOR_NAMESPACE)
DOCKER = $$(command -v docker || command -v podman || echo docker)
IMAGE ?= cost-optimizer-operator:latest

run-estimator: install ## Run the estimator here on port 8001, against the current cluster (POWER_PROMETHEUS_URL=…)
	@$(NPM) run kcloud -- estimator

docker-run: ## Run the estimator in a container, against the current cluster
	@$(DOCKER) run --detach --name $(ESTIMATOR) --user "$$(id -u)" --network host \
	  --volume "$${KUBECONFIG:-$$HOME/.kube/config}:/kube/config:ro" --env KUBECONFIG=/kube/config \
	  --env KCLOUD_DATA_DIR=/tmp/kcloud $(foreach name,POWER_PROMETHEUS_URL POWER_METRICS_INTERVAL ELECTRICITY_RATE COOLING_FACTOR CARBON_RATE REDIS_URL INFLUXDB_URL INFLUXDB_BUCKET INFLUXDB_TOKEN INFLUXDB_ORG,--env $(name)) \
	  $(IMAGE) estimator

logs: ## Follow the logs of that container
	@$(DOCKER) logs --follow $(ESTIMATOR)

docker-clean: ## Stop and remove that container
	@$(DOCKER) rm --force $(ESTIMATOR)

k8s-deploy: ## Namespace, rights, settings, Deployment, Service and autoscaler of the estimator
	@kubectl apply --server-side -f deploy/manifests/estimator.yaml

k8s-status: ## What runs of it
	@$(ESTIMATOR_KUBECTL) get deployments,pods,services,horizontalpodautoscalers -l app=$(ESTIMATOR)

k8s-port-forward: ## Reach it at http://localhost:8001
	@$(ESTIMATOR_KUBECTL) port-forward service/$(ESTIMATOR) 8001:8001

k8s-logs: ## Follow its logs
	@$(ESTIMATOR_KUBECTL) logs --follow --tail=100 -l app=$(ESTIMATOR)

k8s-build-deploy: image k8s-deploy ## Build the image, apply, and replace the pods
	@$(ESTIMATOR_KUBECTL) rollout restart deployment/$(ESTIMATOR)
	@$(ESTIMATOR_KUBECTL) rollout status deployment/$(ESTIMATOR)

k8s-delete: ## Remove all of it
	@kubectl delete --ignore-not-found -f deploy/manifests/estimator.yaml

clean: ## Remove what was built
	@rm -rf dist coverage .kcloud
