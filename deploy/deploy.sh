#!/usr/bin/env bash
# Installs, shows and removes the operator.
#
#   deploy/deploy.sh [install|uninstall|status|rotate-key] [<kind cluster or context>]
#
# With the name of a Kind cluster alone (`deploy/deploy.sh aws-cluster`) it builds the image, loads it and installs.
# Environment:
#   NAMESPACE   namespace of the operator (cost-optimizer)
#   IMAGE       image of the operator (cost-optimizer-operator:latest)
#   SKIP_BUILD  1: neither build nor load the image into Kind (0)
#   OPTIMIZER_API  1: install the optimizer API too, and let the operator ask it (0)
#   WAIT        0: do not wait until the operator is ready (1)
#   TIMEOUT     seconds to wait for readiness, and for restored workloads (180)
#   FORCE       1: uninstall although workloads could not be restored (0)
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
NAMESPACE=${NAMESPACE:-cost-optimizer}
IMAGE=${IMAGE:-cost-optimizer-operator:latest}
TIMEOUT=${TIMEOUT:-180}
NAME=cost-optimizer-operator
CRD=costoptimizations.optimization.k8s.io
KEY_SECRET=kcloud-rollback-key
CONTEXT=()
KIND_CLUSTER=''

say() { printf '%s\n' "$*"; }
die() { printf 'deploy.sh: %s\n' "$1" >&2; [ -z "${2:-}" ] || printf '  %s\n' "$2" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
k() { kubectl "${CONTEXT[@]}" "$@"; }

usage() { sed -n '2,/^set /p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//'; }

use_context() {
  [ -n "$1" ] || return 0
  local name
  for name in "kind-$1" "$1"; do
    if kubectl config get-contexts "$name" >/dev/null 2>&1; then
      CONTEXT=(--context "$name")
      [ "$name" != "kind-$1" ] || KIND_CLUSTER=$1
      return 0
    fi
  done
  die "there is no context kind-$1 or $1" 'kubectl config get-contexts lists those there are; kind create cluster --name makes one'
}

preflight() {
  has kubectl || die 'kubectl is missing' 'https://kubernetes.io/docs/tasks/tools/'
  use_context "$1"
  local problem
  problem=$(k version --request-timeout=20s 2>&1 >/dev/null) || die 'the cluster does not answer' "$problem"
}

may_install() {
  local kind
  for kind in customresourcedefinitions clusterroles clusterrolebindings; do
    k auth can-i create "$kind" >/dev/null 2>&1 ||
      die "you may not create $kind here" 'ask an administrator of the cluster'
  done
}

builder() { if has docker; then echo docker; elif has podman; then echo podman; fi; }

build_and_load() {
  [ -n "$KIND_CLUSTER" ] && [ "${SKIP_BUILD:-0}" != 1 ] || return 0
  has kind || die 'kind is missing' 'https://kind.sigs.k8s.io, or set SKIP_BUILD=1 where the cluster can pull the image'
  local tool
  tool=$(builder)
  [ -n "$tool" ] || die 'docker or podman is needed to build the image' 'or set SKIP_BUILD=1 where the cluster can pull it'
  say "building $IMAGE"
  "$tool" build -q -t "$IMAGE" "$ROOT" >/dev/null
  say "loading it into the Kind cluster $KIND_CLUSTER"
  kind load docker-image "$IMAGE" --name "$KIND_CLUSTER"
}

# What is committed is for the default namespace and image; the command prints it for others.
manifests() { # manifests <component>
  if [ "$NAMESPACE" = cost-optimizer ] && [ "$IMAGE" = cost-optimizer-operator:latest ]; then
    cat "$ROOT/deploy/manifests/$1.yaml"
  else
    has node || die 'node is needed for another namespace or image than the default' 'https://nodejs.org'
    (cd "$ROOT" && npm --silent run kcloud -- manifests --component "$1" --namespace "$NAMESPACE" --image "$IMAGE")
  fi
}

await_rollout() { # await_rollout <deployment>
  [ "${WAIT:-1}" = 1 ] || return 0
  k -n "$NAMESPACE" rollout status "deployment/$1" --timeout="${TIMEOUT}s" || {
    k -n "$NAMESPACE" get pods -l "app=$1" -o wide >&2
    die "$1 is not ready" "kubectl -n $NAMESPACE logs -l app=$1; kubectl -n $NAMESPACE describe pods -l app=$1"
  }
}

# The operator asks it once it is told where it is.
install_optimizer_api() {
  say 'installing the optimizer API'
  local text
  text=$(manifests optimizer-api)
  k apply -f - <<<"$text"
  await_rollout optimizer-api
  k -n "$NAMESPACE" set env "deployment/$NAME" "OPTIMIZER_API_URL=http://optimizer-api.$NAMESPACE.svc.cluster.local:8000"
}

install() {
  may_install
  build_and_load
  say 'installing the custom resource definitions'
  k apply --server-side --force-conflicts --field-manager=kcloud-deploy -f "$ROOT/deploy/manifests/crds.yaml"
  k wait --for=condition=Established "crd/$CRD" --timeout="${TIMEOUT}s"
  say "installing the operator in $NAMESPACE"
  local text
  text=$(manifests operator)
  k apply -f - <<<"$text"
  [ "${OPTIMIZER_API:-0}" != 1 ] || install_optimizer_api
  await_rollout "$NAME"
  [ "${WAIT:-1}" = 1 ] || return 0
  status
}

# Deleting a CostOptimization restores its workload, which needs the operator: it goes last.
uninstall() {
  if k get crd "$CRD" >/dev/null 2>&1; then
    say 'restoring every optimized workload'
    k delete costoptimizations --all --all-namespaces --wait --timeout="${TIMEOUT}s" || [ "${FORCE:-0}" = 1 ] ||
      die 'not every workload could be restored; nothing was removed' \
        "kubectl get costopt -A says why; FORCE=1 removes the operator all the same"
  fi
  say 'removing the operator'
  local component text
  for component in optimizer-api operator; do
    text=$(manifests "$component")
    k delete --ignore-not-found --wait --timeout="${TIMEOUT}s" -f - <<<"$text"
  done
  k delete --ignore-not-found --wait=false -f "$ROOT/deploy/manifests/crds.yaml"
  say 'removed'
}

status() {
  if ! k get crd "$CRD" >/dev/null 2>&1; then say 'not installed: there is no custom resource definition'; return 1; fi
  k -n "$NAMESPACE" get "deployment/$NAME" "service/$NAME" service/cost-optimizer-webhook 2>&1 || return 1
  say ''
  k get costoptimizations --all-namespaces
}

# A new key becomes the current one; older ones stay, since what they sealed must still open.
rotate_key() {
  k -n "$NAMESPACE" get secret "$KEY_SECRET" >/dev/null 2>&1 ||
    die "there is no secret $KEY_SECRET in $NAMESPACE" 'the operator makes it when it first starts'
  local id key
  id=$(head -c 6 /dev/urandom | od -An -tx1 | tr -d ' \n')
  key=$(head -c 32 /dev/urandom | base64 | tr -d '\n')
  printf '{"data":{"%s":"%s","current":"%s"}}' "$id" "$key" "$(printf %s "$id" | base64)" |
    k -n "$NAMESPACE" patch secret "$KEY_SECRET" --type merge --patch-file /dev/stdin
  say "key $id is current; the operator takes it up within five minutes and seals each stored original anew"
}

command=install
case ${1:-} in
  install | uninstall | status | rotate-key) command=$1; shift ;;
  -h | --help | help) usage; exit 0 ;;
  -*) usage >&2; die "unknown option $1" ;;
esac
[ $# -le 1 ] || die 'one cluster at a time' 'deploy/deploy.sh --help'
preflight "${1:-}"
case $command in
  install) install ;;
  uninstall) uninstall ;;
  status) status ;;
  rotate-key) rotate_key ;;
esac
