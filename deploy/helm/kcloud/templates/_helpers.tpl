{{/* One operator per cluster: its names are those that the operator itself, its rights and its users know. */}}
{{- define "kcloud.name" -}}cost-optimizer-operator{{- end }}
{{- define "kcloud.webhookService" -}}cost-optimizer-webhook{{- end }}
{{- define "kcloud.claim" -}}{{ .Values.persistence.existingClaim | default "cost-optimizer-data" }}{{- end }}
{{- define "kcloud.certificateSecret" -}}cost-optimizer-webhook-tls{{- end }}

{{- define "kcloud.selector" -}}
app: {{ include "kcloud.name" . }}
{{- end }}

{{- define "kcloud.podLabels" -}}
app: {{ include "kcloud.name" . }}
app.kubernetes.io/name: {{ include "kcloud.name" . }}
app.kubernetes.io/part-of: kcloud
{{- end }}

{{- define "kcloud.labels" -}}
{{ include "kcloud.podLabels" . }}
{{ include "kcloud.releaseLabels" . }}
{{- end }}
{{- define "kcloud.releaseLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "kcloud.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end -}}
{{- end }}

{{/* Of another component than the operator; called with its name. */}}
{{- define "kcloud.componentPodLabels" -}}
app: {{ . }}
app.kubernetes.io/name: {{ . }}
app.kubernetes.io/part-of: kcloud
{{- end }}
{{/* Called with the root and the name. */}}
{{- define "kcloud.componentLabels" -}}
{{- $root := index . 0 -}}
{{ include "kcloud.componentPodLabels" (index . 1) }}
{{ include "kcloud.releaseLabels" $root }}
{{- end }}

{{/* Where the pods of every component may run, and how their images are got. */}}
{{- define "kcloud.podPlacement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "kcloud.podSecurity" -}}
runAsNonRoot: true
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}
{{- define "kcloud.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65532
capabilities:
  drop:
    - ALL
{{- end }}

{{/* What the schema cannot say. */}}
{{- define "kcloud.check" -}}
{{- if and (gt (int .Values.replicas) 1) .Values.persistence.enabled -}}
{{- fail "replicas: more than one cannot share the state file; set persistence.enabled=false, or replicas=1" -}}
{{- end -}}
{{- if and .Values.redis.enabled (not .Values.redis.host) -}}
{{- fail "redis.host: must be set where redis.enabled is true" -}}
{{- end -}}
{{- if and (eq .Values.metrics.source "prometheus") (not .Values.metrics.prometheusUrl) -}}
{{- fail "metrics.prometheusUrl: must be set where metrics.source is prometheus" -}}
{{- end -}}
{{- with .Values.metrics.prometheusSecret -}}
{{- if and (or .tokenKey .passwordKey .caKey .certificateKey .privateKeyKey) (not .name) -}}
{{- fail "metrics.prometheusSecret.name: must be set where one of its keys is" -}}
{{- end -}}
{{- if ne (empty .certificateKey) (empty .privateKeyKey) -}}
{{- fail "metrics.prometheusSecret: certificateKey and privateKeyKey go together" -}}
{{- end -}}
{{- end -}}
{{- end }}
