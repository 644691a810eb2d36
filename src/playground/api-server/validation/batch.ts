/** What holds for Jobs and CronJobs. */
import { Cron } from 'croner';
import { type JsonObject, asObject, asText, isPresent, objectAt } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { nonNegativeFields, oneOf, oneOfIfPresent } from './checks.ts';
import { type FieldErrors, NO_ERRORS, invalid, notSupported, required, tooLong } from './field-error.ts';
import { immutableErrors } from './object-meta.ts';
import { podTemplateErrors } from './pod-spec.ts';

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

/** A job's name plus the suffix of its pods must fit a label. */
const MAX_CRON_NAME = 52;

function modeErrors(spec: JsonObject, field: string): FieldErrors {
  const mode = spec['completionMode'];
  const needsCompletions = mode === 'Indexed' && !isPresent(spec['completions']);
  const perIndex =
    mode === 'Indexed'
      ? []
      : ['backoffLimitPerIndex', 'maxFailedIndexes'].filter((name) => isPresent(spec[name]));
  return [
    ...oneOfIfPresent(mode, `${field}.completionMode`, ['NonIndexed', 'Indexed']),
    ...(needsCompletions ? [required(`${field}.completions`, 'when completion mode is Indexed')] : []),
    ...perIndex.map((name) => invalid(`${field}.${name}`, spec[name], 'requires indexed completion mode')),
  ];
}

function restartErrors(spec: JsonObject, field: string): FieldErrors {
  const path = `${field}.template.spec.restartPolicy`;
  const policy = asText(objectAt(spec, 'template', 'spec')['restartPolicy']);
  if (policy === '' || policy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')];
  return policy === 'OnFailure' || policy === 'Never'
    ? NO_ERRORS
    : [notSupported(path, policy, ['OnFailure', 'Never'])];
}

function jobSpecErrors(spec: JsonObject, field: string): FieldErrors {
  return [
    ...nonNegativeFields(spec, field, COUNTS),
    ...modeErrors(spec, field),
    ...podTemplateErrors(asObject(spec['template']), `${field}.template`),
    ...restartErrors(spec, field),
  ];
}

export function jobErrors(job: ApiObject): FieldErrors {
  return jobSpecErrors(asObject(job['spec']), 'spec');
}

const FIXED = [
  'completions',
  'selector',
  'template',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
];

export function jobChangeErrors(job: ApiObject, previous: ApiObject): FieldErrors {
  const spec = objectAt(job, 'spec');
  const before = objectAt(previous, 'spec');
  // While a job is suspended its pods may still be told where to go.
  const isSuspended = before['suspend'] === true;
  return FIXED.filter((name) => name !== 'template' || !isSuspended).flatMap((name) =>
    name === 'completions' && spec['completionMode'] === 'Indexed'
      ? NO_ERRORS
      : immutableErrors(`spec.${name}`, spec[name], before[name]),
  );
}

function scheduleErrors(spec: JsonObject): FieldErrors {
  const schedule = asText(spec['schedule']);
  const field = 'spec.schedule';
  if (schedule === '') return [required(field)];
  if (schedule.includes('TZ')) {
    return [invalid(field, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  }
  if (/^@every \d+(\.\d+)?(ns|us|ms|s|m|h)/.test(schedule)) return NO_ERRORS;
  const parts = schedule.trim().split(/\s+/).length;
  if (!schedule.startsWith('@') && parts !== 5) {
    return [invalid(field, schedule, `expected exactly 5 fields, found ${parts}: [${schedule}]`)];
  }
  try {
    new Cron(schedule, { paused: true });
    return NO_ERRORS;
  } catch (error) {
    return [invalid(field, schedule, error instanceof Error ? error.message : 'it cannot be parsed')];
  }
}

function timeZoneErrors(spec: JsonObject): FieldErrors {
  const zone = spec['timeZone'];
  if (!isPresent(zone)) return NO_ERRORS;
  try {
    new Intl.DateTimeFormat('en', { timeZone: asText(zone) });
    return NO_ERRORS;
  } catch {
    return [invalid('spec.timeZone', zone, `unknown time zone ${asText(zone)}`)];
  }
}

export function cronJobErrors(cronJob: ApiObject): FieldErrors {
  const spec = asObject(cronJob['spec']);
  const isNameTooLong = (cronJob.metadata.name ?? '').length > MAX_CRON_NAME;
  return [
    ...(isNameTooLong ? [tooLong('metadata.name', MAX_CRON_NAME, 'character')] : []),
    ...scheduleErrors(spec),
    ...nonNegativeFields(spec, 'spec', [
      'startingDeadlineSeconds',
      'successfulJobsHistoryLimit',
      'failedJobsHistoryLimit',
    ]),
    ...timeZoneErrors(spec),
    ...oneOf(spec['concurrencyPolicy'], 'spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace']),
    ...jobSpecErrors(objectAt(spec, 'jobTemplate', 'spec'), 'spec.jobTemplate.spec'),
  ];
}
