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
{{- with .Values.optimizerApi.url }}
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
