import { describe, expect, it } from 'vitest';
import type { Event, Pod } from '#apis/kubernetes/builtin.ts';
import { EVENTS } from '#kube/client/builtin-types.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { EventRecorder, type FleetEvent } from './events.ts';
import { MemoryCluster } from './testing/memory-cluster.ts';

const POD: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u1' } };
const BACK_OFF: FleetEvent = {
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
  component: 'kubelet',
  host: 'node-1',
  fieldPath: 'spec.containers{app}',
};

function rig(): { clock: VirtualClock; recorder: EventRecorder; events: () => readonly Event[] } {
  const clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 5) });
  const access = new MemoryCluster({ clock, random: new SeededRandom(1) });
  const recorder = new EventRecorder({ access, clock, logger: silentLogger });
  return { clock, recorder, events: () => access.list(EVENTS) };
}

describe('EventRecorder', () => {
  it('writes who says what of which object, and when', async () => {
    const { clock, recorder, events } = rig();
    recorder.emit(POD, BACK_OFF);
    await clock.drain();
    expect(events()[0]).toMatchObject({
      metadata: { namespace: 'shop' },
      involvedObject: {
        kind: 'Pod',
        name: 'web',
        namespace: 'shop',
        uid: 'u1',
        fieldPath: 'spec.containers{app}',
      },
      type: 'Warning',
      reason: 'BackOff',
      source: { component: 'kubelet', host: 'node-1' },
      reportingComponent: 'kubelet',
      count: 1,
      firstTimestamp: '2026-01-05T00:00:00Z',
    });
    expect(events()[0]?.metadata.name).toMatch(/^web\.[0-9a-f]+$/);
  });

  it('counts a repetition, and begins anew when the last one is long ago', async () => {
    const { clock, recorder, events } = rig();
    for (let index = 0; index < 3; index += 1) {
      recorder.emit(POD, BACK_OFF);
      await clock.runFor(60_000);
    }
    expect(events()).toHaveLength(1);
    expect(events()[0]).toMatchObject({ count: 3, lastTimestamp: '2026-01-05T00:02:00Z' });
    await clock.runFor(3_600_000);
    recorder.emit(POD, BACK_OFF);
    await clock.drain();
    expect(events()).toHaveLength(2);
  });

  it('keeps the order and tells different messages apart', async () => {
    const { clock, recorder, events } = rig();
    for (let index = 0; index < 20; index += 1)
      recorder.emit(POD, { ...BACK_OFF, message: `number ${index}` });
    await clock.drain();
    expect(events().map(({ message }) => message)).toEqual(
      Array.from({ length: 20 }, (_, index) => `number ${index}`),
    );
  });

  it('puts events of nodes into the default namespace', async () => {
    const { clock, recorder, events } = rig();
    recorder.emit({ kind: 'Node', metadata: { name: 'node-1', uid: 'n' } }, BACK_OFF);
    await clock.drain();
    expect(events()[0]?.metadata.namespace).toBe('default');
    expect(events()[0]?.involvedObject).not.toHaveProperty('namespace');
  });
});
