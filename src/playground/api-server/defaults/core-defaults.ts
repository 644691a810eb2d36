/** Defaults of the core group besides pods and services. */
import type { DefaultRule } from '../decode/decoder.ts';
import { asObject, asText, isPresent, objectAt } from '../json/json.ts';
import { constants, fill, filled } from './fill.ts';

const namespace: DefaultRule = (draft) => {
  const name = asText(objectAt(draft, 'metadata')['name']);
  if (name === '') return;
  const metadata = asObject(draft['metadata']);
  const labels = { ...asObject(metadata['labels']), 'kubernetes.io/metadata.name': name };
  draft['metadata'] = { ...metadata, labels };
};

const nodeStatus: DefaultRule = (draft) => {
  if (isPresent(draft['capacity'])) fill(draft, { allocatable: draft['capacity'] });
};

const limitRangeItem: DefaultRule = (draft) => {
  if (draft['type'] !== 'Container') return;
  const limits = filled(objectAt(draft, 'default'), objectAt(draft, 'max'));
  const requests = filled(filled(objectAt(draft, 'defaultRequest'), limits), objectAt(draft, 'min'));
  if (Object.keys(limits).length > 0) draft['default'] = limits;
  if (Object.keys(requests).length > 0) draft['defaultRequest'] = requests;
};

const persistentVolume: DefaultRule = (draft) => {
  draft['spec'] = filled(objectAt(draft, 'spec'), {
    persistentVolumeReclaimPolicy: 'Retain',
    volumeMode: 'Filesystem',
  });
  draft['status'] = filled(objectAt(draft, 'status'), { phase: 'Pending' });
};

/** Plain texts are stored as base64 and never shown. */
const secret: DefaultRule = (draft) => {
  fill(draft, { type: 'Opaque' });
  const texts = asObject(draft['stringData']);
  const encoded = Object.entries(texts).map(([key, text]) => [
    key,
    Buffer.from(asText(text)).toString('base64'),
  ]);
  if (encoded.length > 0) draft['data'] = { ...asObject(draft['data']), ...Object.fromEntries(encoded) };
  Reflect.deleteProperty(draft, 'stringData');
};

export const CORE_DEFAULTS: Readonly<Record<string, DefaultRule>> = {
  'core.v1.Namespace': namespace,
  'core.v1.NamespaceStatus': constants({ phase: 'Active' }),
  'core.v1.NodeStatus': nodeStatus,
  'core.v1.LimitRangeItem': limitRangeItem,
  'core.v1.PersistentVolume': persistentVolume,
  'core.v1.PersistentVolumeClaimSpec': constants({ volumeMode: 'Filesystem' }),
  'core.v1.PersistentVolumeClaimStatus': constants({ phase: 'Pending' }),
  'core.v1.Secret': secret,
  'core.v1.EndpointPort': constants({ protocol: 'TCP' }),
};
