"""A kopf operator as small as can be: for each VerticalPodAutoscaler with a recommendation it resizes the pods of its
target in place. Pods come from an index in memory, as the others have them.

    kopf run --all-namespaces bench/vpa/resize/kopf_peer.py        needs kopf and kubernetes
"""

import kopf
from kubernetes import client, config

AUTOSCALERS = ("autoscaling.k8s.io", "v1", "verticalpodautoscalers")
config.load_kube_config()
# One pooled connection for each of the threads that kopf runs handlers in.
settings_of_client = client.Configuration.get_default_copy()
settings_of_client.connection_pool_maxsize = 32
core = client.CoreV1Api(client.ApiClient(settings_of_client))


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_):
    settings.posting.enabled = False
    settings.execution.max_workers = 10


@kopf.index("pods")
def pods_by_app(namespace, name, labels, spec, **_):
    app = labels.get("app")
    return None if app is None else {(namespace, app): (name, spec["containers"][0])}


@kopf.on.field(*AUTOSCALERS, field="status.recommendation")
def resize(new, namespace, name, pods_by_app, **_):
    if not new or not new.get("containerRecommendations"):
        return
    wanted = dict(new["containerRecommendations"][0]["target"])
    for pod, container in pods_by_app.get((namespace, name), []):
        if container["resources"]["requests"] == wanted:
            continue
        resources = {"requests": wanted, "limits": {"memory": wanted["memory"]}}
        body = {"spec": {"containers": [{"name": container["name"], "resources": resources}]}}
        core.patch_namespaced_pod_resize(pod, namespace, body)
