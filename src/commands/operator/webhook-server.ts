/** The webhooks of the operator over HTTPS, with certificates of our own making or given by cert-manager. */
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import { admissionServer } from '#runtime/admission/admission-server.ts';
import { FileCertificates } from '#runtime/certificates/file-certificates.ts';
import {
  ManagedCertificates,
  type ManagedCertificatesOptions,
} from '#runtime/certificates/managed-certificates.ts';
import type { Operator } from './operator.ts';

/** The names that the manifests and the operator agree on. */
export const WEBHOOK_NAMES: Pick<ManagedCertificatesOptions, 'secretName' | 'configurations'> & {
  readonly service: string;
} = {
  service: 'cost-optimizer-webhook',
  secretName: 'cost-optimizer-webhook-certificates',
  configurations: { mutating: ['cost-optimizer'], validating: ['cost-optimizer'] },
};

export interface WebhookServerOptions {
  readonly port: number;
  readonly namespace: string;
  /** A folder with tls.crt and tls.key; where absent, the operator is its own authority. */
  readonly certificateFolder: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export function addWebhookServer({ manager, admission }: Operator, options: WebhookServerOptions): void {
  const { port, namespace, certificateFolder, clock, random, logger } = options;
  const certificates =
    certificateFolder === undefined
      ? new ManagedCertificates({
          client: manager.directClient,
          clock,
          random,
          logger,
          namespace,
          secretName: WEBHOOK_NAMES.secretName,
          dnsNames: dnsNames(WEBHOOK_NAMES.service, namespace),
          configurations: WEBHOOK_NAMES.configurations,
        })
      : new FileCertificates({ folder: certificateFolder, clock, logger });
  manager.add(certificates);
  manager.add(
    admissionServer({ admission, certificates: certificates.serving, health: manager.health, port }),
  );
}

function dnsNames(service: string, namespace: string): string[] {
  return [`${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`];
}
