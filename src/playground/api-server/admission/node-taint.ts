/** A new node takes no pods until it has said that it is ready. */
import { asObject, asObjects } from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import { type AdmissionPlugin, isCreationOf } from './plugin.ts';

export const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const;

export const nodeTaint: AdmissionPlugin = {
  admit: (attributes) => {
    const { object } = attributes;
    if (!isCreationOf(attributes, '', 'nodes')) return object;
    const spec = asObject(object['spec']);
    const taints = asObjects(spec['taints']);
    const isTainted = taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect);
    return isTainted ? object : withField(object, 'spec', { ...spec, taints: [...taints, NOT_READY] });
  },
};
