/** Looks at every write with every invariant and keeps what it finds. */
import type { ClusterAccess } from '#playground/fleet/cluster-access.ts';
import { RollbackRecords } from '../stage/rollback-records.ts';
import type { Stage } from '../stage/stage.ts';
import type { UsageWitness } from '../stage/usage-witness.ts';
import type { Write } from '../stage/write-log.ts';
import { EVERY_DECISION } from './decisions.ts';
import type { Evidence, Invariant } from './invariant.ts';
import { EVERY_STATUS } from './statuses.ts';
import { onlyWhatIsRecorded, originalStoredFirst } from './writes.ts';

const EVERY_WRITE: readonly Invariant[] = [
  originalStoredFirst,
  onlyWhatIsRecorded,
  ...EVERY_DECISION,
  ...EVERY_STATUS,
];
/** More of the same says nothing new. */
const MAX_PROBLEMS = 20;

export class Watchman {
  readonly records: RollbackRecords;
  readonly #access: ClusterAccess;
  readonly #witness: UsageWitness;
  readonly #problems: string[] = [];
  #checks = 0;

  constructor({ log, cluster, witness }: Stage) {
    this.#access = cluster.world.server.access;
    this.#witness = witness;
    this.records = new RollbackRecords(this.#access);
    log.onWrite((write) => {
      this.#look(write);
    });
  }

  get checks(): number {
    return this.#checks;
  }

  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Keeps a finding of the story itself. */
  expect(isSo: boolean, problem: () => string): void {
    this.#checks += 1;
    if (!isSo) this.report(problem());
  }

  report(problem: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }

  #look(write: Write): void {
    const evidence: Evidence = {
      write,
      access: this.#access,
      records: this.records,
      usageOf: (target, askedAtMs) => this.#witness.of(target, askedAtMs),
    };
    for (const invariant of EVERY_WRITE) {
      this.#checks += 1;
      for (const problem of invariant(evidence)) {
        this.report(`${new Date(write.atMs).toISOString()} ${write.source}: ${problem}`);
      }
    }
  }
}
