/** Serves the fleet's metrics.k8s.io behind a real API server, as metrics-server would. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Fleet } from '#playground/fleet/fleet.ts';
import { expositionAnswer } from '#playground/fleet/exposition/exposition-server.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { registerAggregatedApi } from '../control-plane/registration.ts';

/** Resolves, with how to stop, when the API server finds the metrics API available. */
export async function serveMetricsApi(controlPlane: ControlPlane, fleet: Fleet): Promise<() => void> {
  const { certificate, key } = controlPlane.servingCertificate;
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const answer = expositionAnswer(fleet, request.url ?? '/');
    response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await registerAggregatedApi(controlPlane, { group: 'metrics.k8s.io', version: 'v1beta1', port });
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
