/** What holds for probes and lifecycle hooks. */
import { type JsonObject, asList, asText, isObject, isPresent } from '../json/json.ts';
import { filledText, nonNegativeFields, oneOf } from './checks.ts';
import { type FieldErrors, NO_ERRORS, invalid, prohibited, required } from './field-error.ts';
import { portNameProblems, portNumberProblems } from './names.ts';
import { problemsAt } from './object-meta.ts';

/** A port by number or by name. */
export function portErrors(port: unknown, field: string): FieldErrors {
  return typeof port === 'number'
    ? problemsAt(field, port, portNumberProblems(port))
    : problemsAt(field, port, portNameProblems(asText(port)));
}

const HANDLERS: Readonly<Record<string, (action: JsonObject, field: string) => FieldErrors>> = {
  exec: (action, field) =>
    asList(action['command']).length === 0 ? [required(`${field}.command`)] : NO_ERRORS,
  httpGet: (action, field) => [
    ...filledText(action['path'], `${field}.path`),
    ...portErrors(action['port'], `${field}.port`),
    ...oneOf(action['scheme'], `${field}.scheme`, ['HTTP', 'HTTPS']),
  ],
  tcpSocket: (action, field) => portErrors(action['port'], `${field}.port`),
  grpc: (action, field) => portErrors(action['port'], `${field}.port`),
  sleep: () => NO_ERRORS,
};

/** Exactly one thing to do. */
function handlerErrors(handler: JsonObject, field: string): FieldErrors {
  const found = Object.keys(HANDLERS).filter((name) => isObject(handler[name]));
  const [first, ...others] = found;
  if (first === undefined) return [required(field, 'must specify a handler type')];
  const action = handler[first];
  return [
    ...(HANDLERS[first]?.(isObject(action) ? action : {}, `${field}.${first}`) ?? NO_ERRORS),
    ...others.map((name) => prohibited(`${field}.${name}`, 'may not specify more than 1 handler type')),
  ];
}

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
];

function probeErrors(probe: JsonObject, field: string): FieldErrors {
  const grace = probe['terminationGracePeriodSeconds'];
  const isTooShort = typeof grace === 'number' && grace <= 0;
  return [
    ...handlerErrors(probe, field),
    ...nonNegativeFields(probe, field, COUNTS),
    ...(isTooShort
      ? [invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')]
      : []),
  ];
}

function kindErrors(name: string, probe: JsonObject, field: string): FieldErrors {
  if (name === 'readinessProbe') {
    const grace = probe['terminationGracePeriodSeconds'];
    return isPresent(grace)
      ? [invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes')]
      : NO_ERRORS;
  }
  const threshold = probe['successThreshold'];
  return threshold === 1 ? NO_ERRORS : [invalid(`${field}.successThreshold`, threshold, 'must be 1')];
}

export const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** Errors of the probes and hooks of a container. */
export function containerProbeErrors(container: JsonObject, field: string): FieldErrors {
  const lifecycle = container['lifecycle'];
  const hooks = ['postStart', 'preStop'].flatMap((name) => {
    const hook = isObject(lifecycle) ? lifecycle[name] : undefined;
    return isObject(hook) ? handlerErrors(hook, `${field}.lifecycle.${name}`) : NO_ERRORS;
  });
  const probes = PROBES.flatMap((name) => {
    const probe = container[name];
    if (!isObject(probe)) return NO_ERRORS;
    return [...probeErrors(probe, `${field}.${name}`), ...kindErrors(name, probe, `${field}.${name}`)];
  });
  return [...hooks, ...probes];
}
