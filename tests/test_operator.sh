#!/usr/bin/env bash
# Tests the operator on the cluster of the current kubeconfig, from installation to exact restoration.
#
#   tests/test_operator.sh [<kind cluster or context>]
#
# Environment:
#   NAMESPACE       namespace of the operator (cost-optimizer)
#   TEST_NAMESPACE  namespace for the test workloads; made and removed by this script (cost-optimizer-test)
#   OPERATOR        auto: install where it is missing; external: it runs outside of the cluster (auto)
#   METRICS_URL     address of its /metrics, where a port-forward to its Service will not do
#   LOG_FILE        file with its log, where `kubectl logs` will not do
#   REQUIRE_RECOMMENDATIONS  1: fail where usage history is too short for a recommendation, or where there are spot nodes and
#                   nothing is known of them, e.g. their prices (0)
#   TIMEOUT         seconds to wait for each step (180)
#   KEEP            1: leave the test namespace (0)
#
# Ends with `N passed, N failed, N skipped`; the exit code is 1 where anything failed.
set -uo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
EXAMPLES=$ROOT/deploy/examples
NAMESPACE=${NAMESPACE:-cost-optimizer}
TEST_NAMESPACE=${TEST_NAMESPACE:-cost-optimizer-test}
OPERATOR=${OPERATOR:-auto}
TIMEOUT=${TIMEOUT:-180}
CRD=costoptimizations.optimization.k8s.io
WORKLOADS=(frontend-web api-gateway batch-processor microservice-analytics)
METRICS=(
  costopt_optimizations_created_total costopt_optimizations_applied_total costopt_optimizations_failed_total
  costopt_rollbacks_total costopt_total_monthly_savings_usd costopt_optimization_duration_seconds
)
passed=0 failed=0 skipped=0
forward=''

pass() { passed=$((passed + 1)); echo "  ok    $1"; }
fail() { failed=$((failed + 1)); echo "  FAIL  $1"; [ -z "${2:-}" ] || printf '        %s\n' "${2//$'\n'/$'\n'        }"; }
skip() { skipped=$((skipped + 1)); echo "  skip  $1"; }
step() { printf '\n%s\n' "$1"; }

CONTEXT=()
k() { kubectl "${CONTEXT[@]}" "$@"; }
kt() { k -n "$TEST_NAMESPACE" "$@"; }

# check <what> <command…>: passes where the command succeeds, shows its output where not.
check() {
  local what=$1 out
  shift
  if out=$("$@" 2>&1); then pass "$what"; else fail "$what" "$out"; return 1; fi
}

# until_true <seconds> <command…>: succeeds as soon as the command does.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 1
  done
}

field() { kt get "$1" "$2" -o "jsonpath=$3" 2>/dev/null; }
phase() { field costopt "$1" '{.status.phase}'; }
phase_in() { case " $2 " in *" $(phase "$1") "*) return 0 ;; *) return 1 ;; esac; }
applied_steps() { [ "$(field costopt "$1" '{.status.appliedOptimizations}')" -ge 1 ]; }
describe() { kt get costopt "$1" -o 'jsonpath=phase {.status.phase}: {.status.message}' 2>&1; }
spec_of() { field deployment "$1" '{.spec}'; }
pod_sizes() {
  field pods "-l=app=$1" '{range .items[*]}{.spec.containers[*].resources}{"\n"}{end}' | sort | uniq -c
}

use_context() {
  [ -n "${1:-}" ] || return 0
  local name
  for name in "kind-$1" "$1"; do
    if kubectl config get-contexts "$name" >/dev/null 2>&1; then
      CONTEXT=(--context "$name")
      return 0
    fi
  done
  echo "there is no context kind-$1 or $1; kubectl config get-contexts lists them" >&2
  exit 1
}

preflight() {
  command -v kubectl >/dev/null || { echo 'kubectl is missing: https://kubernetes.io/docs/tasks/tools/' >&2; exit 1; }
  local out
  if ! out=$(k version --request-timeout=20s 2>&1); then
    printf 'the cluster does not answer:\n%s\n' "$out" >&2
    exit 1
  fi
  echo "cluster $(k config view --minify -o 'jsonpath={.clusters[0].cluster.server}')"
}

# shellcheck disable=SC2317,SC2329 # called by trap
cleanup() {
  [ -z "$forward" ] || kill "$forward" 2>/dev/null
  if [ "${KEEP:-0}" != 1 ] && k get namespace "$TEST_NAMESPACE" >/dev/null 2>&1; then
    # While the operator runs, its finalizers end; a namespace alone would not wait for that.
    kt delete costopt --all --wait --timeout="${TIMEOUT}s" >/dev/null 2>&1
    k delete namespace "$TEST_NAMESPACE" --wait=false >/dev/null 2>&1
  fi
}

test_installation() {
  step '1. Custom resource definition'
  if [ "$OPERATOR" = auto ] && ! k -n "$NAMESPACE" get deployment cost-optimizer-operator >/dev/null 2>&1; then
    check 'the operator is installed' env NAMESPACE="$NAMESPACE" "$ROOT/deploy/deploy.sh" install ${1:+"$1"} || return
  fi
  check 'the definition is established' \
    k wait --for=condition=Established "crd/$CRD" --timeout="${TIMEOUT}s"
  check 'short names costopt and co work' k get costopt,co --all-namespaces
}

test_operator_runs() {
  step '2. Operator'
  if [ "$OPERATOR" = external ]; then
    skip 'its Deployment: it runs outside of the cluster'
  else
    check 'its Deployment is available' \
      k -n "$NAMESPACE" rollout status deployment/cost-optimizer-operator --timeout="${TIMEOUT}s"
  fi
}

deploy_workloads() {
  step '3. Test workloads'
  k create namespace "$TEST_NAMESPACE" >/dev/null 2>&1
  check 'test-workloads.yaml is applied' kt apply -f "$EXAMPLES/test-workloads.yaml" || return
  local name
  for name in "${WORKLOADS[@]}"; do
    if kt rollout status "deployment/$name" --timeout="${TIMEOUT}s" >/dev/null 2>&1; then
      pass "$name is available"
    else
      skip "$name: $(field deployment "$name" '{.status.readyReplicas}') of $(field deployment "$name" '{.spec.replicas}') pods run; the cluster is too small for it"
    fi
  done
}

refused() { ! kt apply --dry-run=server -f - <<<"$1"; }
policy() { # policy <name> <workload> <type> <more spec, as a YAML flow>
  printf '%s' "{apiVersion: optimization.k8s.io/v1, kind: CostOptimization, metadata: {name: $1}, spec: {targetWorkload: {kind: Deployment, name: $2}, optimizationType: $3, $4}}"
}

create_examples() {
  step '4. CostOptimization resources'
  local name
  for name in cpu-optimization replica-optimization full-optimization spot-instance-optimization; do
    check "$name.yaml is applied" kt apply -f "$EXAMPLES/$name.yaml"
  done
  check 'a maxChangePercent of 101 is refused' refused "$(policy bad frontend-web CPU 'maxChangePercent: 101')"
  if k get validatingwebhookconfiguration cost-optimizer >/dev/null 2>&1; then
    check 'autoApply together with dryRun is refused' \
      refused "$(policy bad frontend-web MEMORY 'autoApply: true, dryRun: true')"
  else
    skip 'rules across fields: the webhooks are not installed'
  fi
  local header
  header=$(kt get costopt | head -n 1 | tr -s ' ' | sed 's/ $//')
  if [ "$header" = 'NAME TARGET TYPE PHASE SAVINGS AGE' ]; then pass 'kubectl get shows the columns'; else fail 'kubectl get shows the columns' "$header"; fi
}

analysed() { [ -n "$(field costopt "$1" '{.status.lastAnalysis}')" ] && ! phase_in "$1" Analyzing; }
analysed_or_unknown() {
  if analysed "$1" && [ "$(analysis "$1")" != Unknown ]; then return 0; fi
  ! must_be_known "$1" && [ "$(analysis "$1")" = Unknown ]
}
analysis() { field costopt "$1" '{.status.conditions[?(@.type=="Analyzed")].status}'; }

# Nodes that can be taken back, by the labels of Karpenter, EKS, GKE and AKS.
SPOT_LABELS=(
  karpenter.sh/capacity-type=spot eks.amazonaws.com/capacityType=SPOT cloud.google.com/gke-spot=true
  cloud.google.com/gke-provisioning=spot kubernetes.azure.com/scalesetpriority=spot
)
has_spot_nodes() {
  local label
  for label in "${SPOT_LABELS[@]}"; do
    [ -z "$(k get nodes -l "$label" -o name 2>/dev/null)" ] || return 0
  done
  return 1
}
# Nothing can be known of spot nodes where there are none.
must_be_known() { [ "${REQUIRE_RECOMMENDATIONS:-0}" = 1 ] && { [ "$1" != optimize-batch-spot ] || has_spot_nodes; }; }

# Where there is no day of usage yet, the right answer is that nothing is known.
check_analysed() {
  if ! until_true "$TIMEOUT" analysed_or_unknown "$1"; then
    fail "$1 is analysed" "$(describe "$1")"
  elif [ "$(analysis "$1")" != Unknown ]; then
    pass "$1 is analysed: $(describe "$1")"
  elif must_be_known "$1"; then
    fail "$1 is analysed" "$(describe "$1")"
  else
    skip "$1: $(field costopt "$1" '{.status.conditions[?(@.type=="Analyzed")].message}')"
  fi
}

test_statuses() {
  step '5. Status'
  local name
  for name in optimize-frontend-cpu optimize-api-replicas optimize-analytics optimize-batch-spot; do
    check_analysed "$name"
  done
  if phase_in optimize-frontend-cpu Ready && [ -n "$(field costopt optimize-frontend-cpu '{.status.currentRecommendation}')" ]; then
    for name in optimizationType currentCost optimizedCost monthlySavings confidenceScore riskLevel changes; do
      if [ -n "$(field costopt optimize-frontend-cpu "{.status.currentRecommendation.$name}")" ]; then
        pass "the recommendation says $name"
      else
        fail "the recommendation says $name" "$(field costopt optimize-frontend-cpu '{.status.currentRecommendation}')"
      fi
    done
  else
    skip 'what the recommendation says: there is none'
  fi
  if [ "$(field deployment frontend-web '{.metadata.generation}')" = 1 ]; then
    pass 'a dry run changes nothing'
  else
    fail 'a dry run changes nothing' "generation $(field deployment frontend-web '{.metadata.generation}')"
  fi
}

settled() { [ "$(field deployment "$1" '{.status.readyReplicas}')" = "$(field deployment "$1" '{.spec.replicas}')" ]; }
same_pods() { settled "$1" && [ "$(pod_sizes "$1")" = "$2" ]; }

check_applied() { # check_applied <policy> <workload>
  local annotation
  for annotation in optimized-at optimized-by; do
    if [ -n "$(field deployment "$2" "{.metadata.annotations.optimization\.k8s\.io/$annotation}")" ]; then
      pass "$2 carries optimization.k8s.io/$annotation"
    else
      fail "$2 carries optimization.k8s.io/$annotation" "$(field deployment "$2" '{.metadata.annotations}')"
    fi
  done
  local stored
  stored=$(field configmap "$2-rollback-state" '{.data.Deployment}')
  case $stored in
    kc1.*) pass "the original is stored, sealed, in configmap $2-rollback-state" ;;
    *) fail "the original is stored, sealed, in configmap $2-rollback-state" "$stored" ;;
  esac
  check "$1 recorded OptimizationApplied" \
    until_true "$TIMEOUT" has_event "$1" OptimizationApplied
}
has_event() { kt get events --field-selector "involvedObject.name=$1" -o 'jsonpath={.items[*].reason}' | grep -qw "$2"; }

# Applies, deletes, and compares what is left with what was there.
apply_and_restore() { # apply_and_restore <workload> <type> <updateStrategy>
  local workload=$1 name="test-$1" before pods
  if ! settled "$workload"; then skip "$workload: not all of its pods run"; return; fi
  before=$(spec_of "$workload") pods=$(pod_sizes "$workload")
  policy "$name" "$workload" "$2" "dryRun: false, autoApply: true, minConfidence: 0, maxRiskLevel: MEDIUM, verificationWindow: 1h, updateStrategy: $3" |
    kt apply -f - >/dev/null
  if ! until_true "$TIMEOUT" applied_or_unknown "$name"; then
    fail "$name is applied ($3)" "$(describe "$name")"
  elif applied_steps "$name"; then
    pass "$name is applied ($3): $(field costopt "$name" '{.status.currentRecommendation.changes}')"
    if [ "$pods" = "$(pod_sizes "$workload")" ]; then fail "the pods of $workload changed" "$pods"; else pass "the pods of $workload changed"; fi
    check_applied "$name" "$workload"
  elif [ "${REQUIRE_RECOMMENDATIONS:-0}" = 1 ]; then
    fail "$name is applied ($3)" "$(describe "$name")"
  else
    skip "$name: $(describe "$name")"
  fi
  check "$name is deleted" kt delete costopt "$name" --wait --timeout="${TIMEOUT}s"
  if [ "$before" = "$(spec_of "$workload")" ]; then pass "$workload is restored exactly"; else fail "$workload is restored exactly" "$(diff <(echo "$before") <(spec_of "$workload"))"; fi
  if until_true "$TIMEOUT" same_pods "$workload" "$pods"; then pass "the pods of $workload are as before"; else fail "the pods of $workload are as before" "$(pod_sizes "$workload")"; fi
  if kt get configmap "$workload-rollback-state" >/dev/null 2>&1; then fail 'the stored original is cleaned up'; else pass 'the stored original is cleaned up'; fi
}
# Without a recommendation nothing will be applied, however long one waits; where there must be one it may still come.
applied_or_unknown() {
  if applied_steps "$1" && phase_in "$1" Applied; then return 0; fi
  ! must_be_known "$1" && [ "$(analysis "$1")" = Unknown ]
}

test_apply_and_rollback() {
  step '6. Apply and roll back'
  check 'the examples are deleted' kt delete costopt --all --wait --timeout="${TIMEOUT}s"
  apply_and_restore frontend-web CPU Rollout
  apply_and_restore microservice-analytics MEMORY Auto
  if has_spot_nodes; then
    move_and_restore batch-processor SPOT_INSTANCES 'minConfidence: 0.8'
  else
    skip 'moving to spot nodes: the cluster has none'
  fi
  local now
  now=$(date -u +%s)
  move_and_restore api-gateway SCHEDULED_SCALING \
    "minConfidence: 0, timeZone: UTC, scaling: {windows: [{from: \"$(hour $((now - 3600)))\", to: \"$(hour $((now + 10800)))\", replicas: 2}]}"
}

# The full hour of a time in seconds, as a window states it.
hour() { date -u -d "@$1" +%H:00 2>/dev/null || date -u -r "$1" +%H:00; }

# Changes where or how many pods run, deletes, and compares what is left with what was there.
move_and_restore() { # move_and_restore <workload> <type> <more spec, as a YAML flow>
  local workload=$1 name="test-$1" before
  if ! settled "$workload"; then skip "$workload: not all of its pods run"; return; fi
  before=$(spec_of "$workload")
  policy "$name" "$workload" "$2" "dryRun: false, autoApply: true, maxRiskLevel: MEDIUM, verificationWindow: 1h, maxChangePercent: 80, $3" |
    kt apply -f - >/dev/null
  if ! until_true "$TIMEOUT" applied_or_unknown "$name"; then
    fail "$name is applied ($2)" "$(describe "$name")"
  elif applied_steps "$name"; then
    pass "$name is applied ($2): $(field costopt "$name" '{.status.currentRecommendation.changes}')"
    if [ "$before" = "$(spec_of "$workload")" ]; then fail "$workload changed" "$before"; else pass "$workload changed"; fi
    check_applied "$name" "$workload"
  elif must_be_known "$name"; then
    fail "$name is applied ($2)" "$(describe "$name")"
  else
    skip "$name: $(describe "$name")"
  fi
  check "$name is deleted" kt delete costopt "$name" --wait --timeout="${TIMEOUT}s"
  if [ "$before" = "$(spec_of "$workload")" ]; then pass "$workload is restored exactly"; else fail "$workload is restored exactly" "$(diff <(echo "$before") <(spec_of "$workload"))"; fi
  check "the pods of $workload are as before" until_true "$TIMEOUT" settled "$workload"
}

operator_log() {
  if [ -n "${LOG_FILE:-}" ]; then cat "$LOG_FILE"; else k -n "$NAMESPACE" logs -l app=cost-optimizer-operator --tail=-1; fi
}

test_log() {
  step '7. Log'
  local log
  log=$(operator_log 2>&1)
  if [ -n "$log" ]; then pass "the operator logs ($(wc -l <<<"$log") lines)"; else fail 'the operator logs'; fi
  if grep -qE '"level":("fatal"|60)' <<<"$log"; then fail 'nothing fatal is logged' "$(grep -E '"level":("fatal"|60)' <<<"$log" | tail -n 3)"; else pass 'nothing fatal is logged'; fi
}

test_metrics() {
  step '8. Metrics'
  command -v curl >/dev/null || { skip 'metrics: curl is missing'; return; }
  local url text name
  if [ -z "${METRICS_URL:-}" ]; then
    k -n "$NAMESPACE" port-forward svc/cost-optimizer-operator 18080:8080 >/dev/null 2>&1 &
    forward=$!
  fi
  url=${METRICS_URL:-http://127.0.0.1:18080/metrics}
  until_true 30 curl -fsS "$url"
  if ! text=$(curl -fsS "$url" 2>&1); then fail "$url answers" "$text"; return; fi
  for name in "${METRICS[@]}"; do
    if grep -q "^# TYPE $name " <<<"$text"; then pass "$name"; else fail "$name is exposed"; fi
  done
}

use_context "${1:-}"
preflight
trap cleanup EXIT
if test_installation "${1:-}"; then
  test_operator_runs
  deploy_workloads && create_examples && test_statuses && test_apply_and_rollback
  test_log
  test_metrics
fi
printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
