/** The API as the client and the informers rely on it: on the fake of the unit tests, the playground and the real thing. */
import { describe } from 'vitest';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer } from '#kube/testing/fake-api-server.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { collectionContract, objectContract } from './api-contract.ts';

describe('the API of the fake', () => {
  const client = new KubeClient(new FakeApiServer());
  objectContract(() => client);
  collectionContract(() => client);
});

describeTargets('the API', (target) => {
  objectContract(() => target().client);
  collectionContract(() => target().client);
});
