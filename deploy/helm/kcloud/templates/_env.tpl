{{/* The environment of the operator; what is left at its default is not set. */}}
{{- define "kcloud.env" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: PROMETHEUS_PORT
  value: "8080"
- name: KCLOUD_DATA_DIR
  value: /var/lib/kcloud
- name: LEADER_ELECTION
  value: "true"
- name: LOG_LEVEL
  value: {{ .Values.operator.logLevel }}
{{- with .Values.operator.watchNamespace }}
- name: WATCH_NAMESPACE
  value: {{ . | quote }}
{{- end }}
{{- if ne (float64 .Values.operator.analysisMinutes) 30.0 }}
- name: ANALYSIS_MINUTES
  value: {{ .Values.operator.analysisMinutes | quote }}
{{- end }}
{{- include "kcloud.metricsEnv" . }}
{{- include "kcloud.priceEnv" . }}
- name: OPTIMIZER_API_TOKEN_FILE
  value: /var/run/secrets/kcloud/optimizer-api/token
{{- with include "kcloud.optimizerApiUrl" . }}
- name: OPTIMIZER_API_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.redis }}
{{- if .enabled }}
- name: REDIS_HOST
  value: {{ .host | quote }}
- name: REDIS_PORT
  value: {{ .port | quote }}
- name: REDIS_DATABASE
  value: {{ .database | quote }}
{{- with .username }}
- name: REDIS_USERNAME
  value: {{ . | quote }}
{{- end }}
{{- if .passwordSecret.name }}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .passwordSecret.name }}
      key: {{ .passwordSecret.key }}
{{- end }}
{{- if .tls }}
- name: REDIS_TLS
  value: "true"
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.operator.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Where usage comes from: the same for every component that reads it. */}}
{{- define "kcloud.metricsEnv" -}}
{{- if ne .Values.metrics.source "auto" }}
- name: METRICS_SOURCE
  value: {{ .Values.metrics.source }}
{{- end }}
{{- with .Values.metrics.prometheusUrl }}
- name: PROMETHEUS_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.metrics.prometheusHeaders }}
- name: PROMETHEUS_HEADERS
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.metrics.prometheusLabels }}
- name: PROMETHEUS_LABELS
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.metrics.prometheusUsername }}
- name: PROMETHEUS_USERNAME
  value: {{ . | quote }}
{{- end }}
{{- with .Values.metrics.prometheusSecret }}
{{- range $key, $variable := dict "tokenKey" "PROMETHEUS_TOKEN_FILE" "passwordKey" "PROMETHEUS_PASSWORD_FILE" "caKey" "PROMETHEUS_CA_FILE" "certificateKey" "PROMETHEUS_CERTIFICATE_FILE" "privateKeyKey" "PROMETHEUS_KEY_FILE" }}
{{- with index $.Values.metrics.prometheusSecret $key }}
- name: {{ $variable }}
  value: /etc/kcloud/prometheus/{{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.metrics.prometheusInsecure }}
- name: PROMETHEUS_INSECURE
  value: "true"
{{- end }}
{{- end }}

{{/* What a core, a GiB and a node cost. */}}
{{- define "kcloud.priceEnv" -}}
{{- if not (kindIs "invalid" .Values.prices.cpuPerCoreHour) }}
- name: CPU_USD_PER_CORE_HOUR
  value: {{ .Values.prices.cpuPerCoreHour | quote }}
{{- end }}
{{- if not (kindIs "invalid" .Values.prices.memoryPerGibHour) }}
- name: MEMORY_USD_PER_GIB_HOUR
  value: {{ .Values.prices.memoryPerGibHour | quote }}
{{- end }}
{{- if .Values.prices.nodes }}
- name: PRICE_LIST
  value: /etc/kcloud/prices/prices.yaml
{{- end }}
{{- end }}

{{/* The optimizer API that the operator asks; empty where it analyses by itself. */}}
{{- define "kcloud.optimizerApiUrl" -}}
{{- with .Values.optimizerApi -}}
{{- if .url -}}
{{ .url }}
{{- else if and .enabled .forOperator -}}
http://optimizer-api.{{ $.Release.Namespace }}.svc.cluster.local:{{ .service.port }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Files that the environment above names. */}}
{{- define "kcloud.fileMounts" -}}
{{- if .Values.prices.nodes }}
- name: prices
  mountPath: /etc/kcloud/prices
  readOnly: true
{{- end }}
{{- if .Values.metrics.prometheusSecret.name }}
- name: prometheus
  mountPath: /etc/kcloud/prometheus
  readOnly: true
{{- end }}
{{- end }}
{{- define "kcloud.fileVolumes" -}}
{{- if .Values.prices.nodes }}
- name: prices
  configMap:
    name: cost-optimizer-prices
{{- end }}
{{- with .Values.metrics.prometheusSecret.name }}
- name: prometheus
  secret:
    secretName: {{ . }}
{{- end }}
{{- end }}
