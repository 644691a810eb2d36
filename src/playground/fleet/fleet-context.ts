/** What every component of the fleet is given. */
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { EventSink } from './events.ts';
import type { FleetIndexes } from './fleet-indexes.ts';

export interface FleetContext {
  readonly access: ClusterAccess;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly events: EventSink;
  readonly indexes: FleetIndexes;
  /** Called with errors that no retry can mend: bugs of the fleet. */
  readonly onBug: (error: unknown) => void;
}

/** A running component. */
export interface Component {
  stop(): void;
}

/** Sorts what a component's work threw: what a server answered is to be tried again, anything else is a bug. */
export function noteFailure(context: FleetContext, what: string, error: unknown): void {
  if (error instanceof KcError) context.logger.debug(what, { error: messageOf(error) });
  else context.onBug(error);
}
