/** What every pod gets at admission: its priority, and patience with nodes that fail. */
import { type JsonObject, asObject, asObjects, asText, isPresent } from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { forbidden } from '../wire/status-error.ts';
import type { WriteAttributes } from './admission.ts';
import { type AdmissionPlugin, type PluginContext, isCreationOf } from './plugin.ts';

const CLASSES = { group: 'scheduling.k8s.io', plural: 'priorityclasses' };
const DEFAULT_POLICY = 'PreemptLowerPriority';

function globalDefault({ store }: PluginContext): ApiObject | undefined {
  const classes = store
    .collection(CLASSES)
    .list()
    .filter((item) => item['globalDefault'] === true);
  // Where several claim to be the default, the lowest wins.
  return classes.toSorted((a, b) => Number(a['value']) - Number(b['value']))[0];
}

function classOf(attributes: WriteAttributes, context: PluginContext): ApiObject | undefined {
  const { object, call } = attributes;
  const name = asText(asObject(object['spec'])['priorityClassName']);
  if (name === '') return globalDefault(context);
  const found = context.store.collection(CLASSES).get(name);
  if (found !== undefined) return found;
  throw forbidden(call.resource, object.metadata.name ?? '', `no PriorityClass with name ${name} was found`);
}

function admitPriority(attributes: WriteAttributes, context: PluginContext): ApiObject {
  const { object } = attributes;
  if (!isCreationOf(attributes, '', 'pods')) return object;
  const spec = asObject(object['spec']);
  const found = classOf(attributes, context);
  const value = Number(found?.['value'] ?? 0);
  checkGiven(attributes, spec['priority'], value);
  const name = found?.metadata.name;
  const preemptionPolicy = spec['preemptionPolicy'] ?? found?.['preemptionPolicy'] ?? DEFAULT_POLICY;
  const named = name === undefined ? spec : { ...spec, priorityClassName: name };
  return withField(object, 'spec', { ...named, priority: value, preemptionPolicy });
}

/** A pod names its class; the number follows from that. */
function checkGiven({ object, call }: WriteAttributes, given: unknown, computed: number): void {
  if (!isPresent(given) || given === computed) return;
  const problem = `the integer value of priority (${Number(given)}) must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`;
  throw forbidden(call.resource, object.metadata.name ?? '', problem);
}

export const priority: AdmissionPlugin = { admit: admitPriority };

const FAILING = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;
const PATIENCE_SECONDS = 300;

function tolerates(toleration: JsonObject, key: string): boolean {
  const { effect, operator } = toleration;
  const ownKey = asText(toleration['key']);
  const isEffect = asText(effect) === '' || effect === 'NoExecute';
  return isEffect && (ownKey === key || (ownKey === '' && operator === 'Exists'));
}

function admitTolerations(attributes: WriteAttributes): ApiObject {
  const { object } = attributes;
  if (!isCreationOf(attributes, '', 'pods')) return object;
  const spec = asObject(object['spec']);
  const tolerations = asObjects(spec['tolerations']);
  const added = FAILING.filter((key) => !tolerations.some((toleration) => tolerates(toleration, key)));
  if (added.length === 0) return object;
  const waits = added.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: PATIENCE_SECONDS,
  }));
  return withField(object, 'spec', { ...spec, tolerations: [...tolerations, ...waits] });
}

export const defaultTolerations: AdmissionPlugin = { admit: admitTolerations };
