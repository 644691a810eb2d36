// A controller as small as controller-runtime allows: for each VerticalPodAutoscaler with a recommendation it resizes
// the pods of its target in place. With -bookkeeping it also writes what a careful operator writes: the original
// before the first patch, and a status before and after.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/config"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

var autoscaler = schema.GroupVersionKind{Group: "autoscaling.k8s.io", Version: "v1", Kind: "VerticalPodAutoscaler"}

type reconciler struct {
	client.Client
	bookkeeping bool
}

type size struct {
	Name      string                      `json:"name"`
	Resources corev1.ResourceRequirements `json:"resources"`
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	vpa := &unstructured.Unstructured{}
	vpa.SetGroupVersionKind(autoscaler)
	if err := r.Get(ctx, request.NamespacedName, vpa); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	wanted, found := recommendation(vpa)
	if !found {
		return ctrl.Result{}, nil
	}
	pods := &corev1.PodList{}
	if err := r.List(ctx, pods, client.InNamespace(request.Namespace), client.MatchingLabels{"app": request.Name}); err != nil {
		return ctrl.Result{}, err
	}
	changed := outdated(pods.Items, wanted)
	if len(changed) == 0 {
		return ctrl.Result{}, nil
	}
	if err := r.before(ctx, vpa, changed[0]); err != nil {
		return ctrl.Result{}, err
	}
	for _, pod := range changed {
		if err := r.resize(ctx, pod, wanted); err != nil {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{}, r.status(ctx, vpa, "Applied")
}

func recommendation(vpa *unstructured.Unstructured) (corev1.ResourceList, bool) {
	containers, found, _ := unstructured.NestedSlice(vpa.Object, "status", "recommendation", "containerRecommendations")
	if !found || len(containers) == 0 {
		return nil, false
	}
	text, _ := json.Marshal(containers[0].(map[string]any)["target"])
	target := corev1.ResourceList{}
	return target, json.Unmarshal(text, &target) == nil
}

func outdated(pods []corev1.Pod, wanted corev1.ResourceList) []*corev1.Pod {
	changed := []*corev1.Pod{}
	for index := range pods {
		requests := pods[index].Spec.Containers[0].Resources.Requests
		if !requests.Cpu().Equal(*wanted.Cpu()) || !requests.Memory().Equal(*wanted.Memory()) {
			changed = append(changed, &pods[index])
		}
	}
	return changed
}

func (r *reconciler) resize(ctx context.Context, pod *corev1.Pod, wanted corev1.ResourceList) error {
	container := pod.Spec.Containers[0]
	limits := corev1.ResourceList{corev1.ResourceMemory: *wanted.Memory()}
	body, err := json.Marshal(map[string]any{"spec": map[string]any{"containers": []size{
		{Name: container.Name, Resources: corev1.ResourceRequirements{Requests: wanted, Limits: limits}},
	}}})
	if err != nil {
		return err
	}
	return r.SubResource("resize").Patch(ctx, pod.DeepCopy(), client.RawPatch(types.StrategicMergePatchType, body))
}

func (r *reconciler) before(ctx context.Context, vpa *unstructured.Unstructured, pod *corev1.Pod) error {
	if !r.bookkeeping {
		return nil
	}
	original, err := json.Marshal(pod.Spec.Containers)
	if err != nil {
		return err
	}
	store := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: vpa.GetNamespace(), Name: vpa.GetName() + "-original"},
		Data:       map[string]string{"containers": string(original)},
	}
	if err := r.Create(ctx, store); err != nil && !errors.IsAlreadyExists(err) {
		return err
	}
	return r.status(ctx, vpa, "Applying")
}

func (r *reconciler) status(ctx context.Context, vpa *unstructured.Unstructured, phase string) error {
	if !r.bookkeeping {
		return nil
	}
	body := fmt.Sprintf(`{"status":{"conditions":[{"type":"Phase","status":"True","reason":%q}]}}`, phase)
	return r.Status().Patch(ctx, vpa.DeepCopy(), client.RawPatch(types.MergePatchType, []byte(body)))
}

func run() error {
	bookkeeping := flag.Bool("bookkeeping", false, "store the original and write the status, as a careful operator does")
	workers := flag.Int("workers", 10, "reconciles at the same time")
	qps := flag.Float64("qps", 1000, "requests per second")
	flag.Parse()
	ctrl.SetLogger(klog.NewKlogr())
	rest, err := config.GetConfig()
	if err != nil {
		return err
	}
	rest.QPS, rest.Burst = float32(*qps), int(2**qps)
	manager, err := ctrl.NewManager(rest, ctrl.Options{Metrics: server.Options{BindAddress: "0"}})
	if err != nil {
		return err
	}
	vpa := &unstructured.Unstructured{}
	vpa.SetGroupVersionKind(autoscaler)
	// As ours does, it holds a copy of all pods before it begins.
	if _, err := manager.GetCache().GetInformer(context.Background(), &corev1.Pod{}); err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(manager).
		For(vpa).
		WithOptions(controller.Options{MaxConcurrentReconciles: *workers}).
		Complete(&reconciler{Client: manager.GetClient(), bookkeeping: *bookkeeping})
	if err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
