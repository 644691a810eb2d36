/**
 * R3 too: the story of R5 while the operator's own state file is in trouble. The disk is full, the file is read-only,
 * locked, damaged, or lost; and somebody clears away the ConfigMap where the original lies. No change begins that is
 * stored once only, and every change is undone whatever is left of the file.
 */
import type { Database } from '#adapters/sqlite/database.ts';
import { CONFIG_MAPS } from '#kube/client/builtin-types.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import { pick, type Random, randomInt } from '#platform/random.ts';
import type { Harness } from '../harness.ts';
import { type Casting, STORY_SETTINGS, tellStory } from '../rollback-exactness/rollback-exactness.ts';
import type { Cast, Stage } from '../stage/stage.ts';

export const BROKEN_STATE: Harness = {
  name: 'r3-state',
  about: 'the same with a state file that is full, read-only, damaged or lost',
  run: (seed) => tellStory(seed, withBrokenState),
};

const TABLES = ['rollback_entry', 'ledger_row', 'ledger_account', 'backup_debt'] as const;

interface Trouble {
  readonly name: string;
  readonly begin: string;
  readonly end: string;
}

/** What SQLite raises is what it raises on a disk: SQLITE_FULL, SQLITE_READONLY, and no such table. */
const TROUBLES: readonly Trouble[] = [
  {
    name: 'the disk is full',
    begin: 'PRAGMA max_page_count = 1; PRAGMA query_only = 0',
    end: 'PRAGMA max_page_count = 1073741823',
  },
  { name: 'the state file is read-only', begin: 'PRAGMA query_only = 1', end: 'PRAGMA query_only = 0' },
  {
    name: 'the state file is damaged',
    begin: TABLES.map((table) => `ALTER TABLE ${table} RENAME TO damaged_${table}`).join('; '),
    end: TABLES.map((table) => `ALTER TABLE damaged_${table} RENAME TO ${table}`).join('; '),
  },
];
const LOSS = TABLES.map((table) => `DELETE FROM ${table}`).join('; ');

const withBrokenState: Casting = (stage, _watchman, random) => {
  const cast = stage.enter({ settings: STORY_SETTINGS });
  const file = new StateFile(stage, cast.operator.state);
  return () => harm({ stage, cast, random, file });
};

/** The state file, and how it stands with it. */
class StateFile {
  readonly #stage: Stage;
  readonly #database: Database;
  #trouble: Trouble | undefined;
  /** Whether all that was stored since the last loss is stored in it. */
  #whole = true;

  constructor(stage: Stage, database: Database) {
    this.#stage = stage;
    this.#database = database;
  }

  get isWhole(): boolean {
    return this.#whole && this.#trouble === undefined;
  }

  /** One at a time; some never end. */
  begin(trouble: Trouble, forMs: number): string {
    if (this.#trouble !== undefined) return 'the state file is in trouble already';
    this.#run(trouble.begin);
    this.#trouble = trouble;
    this.#whole = false;
    this.#stage.cluster.world.clock.after(forMs, () => {
      this.#run(trouble.end);
      this.#trouble = undefined;
    });
    return `${trouble.name} for ${String(Math.round(forMs / 1000))} s`;
  }

  lose(): string {
    if (this.#trouble !== undefined) return 'the state file is in trouble already';
    this.#run(LOSS);
    this.#whole = false;
    return 'the state file is lost';
  }

  #run(statements: string): void {
    for (const sql of statements.split('; ')) this.#database.prepare(sql).all();
  }
}

interface Scene {
  readonly stage: Stage;
  readonly cast: Cast;
  readonly random: Random;
  readonly file: StateFile;
}

function harm({ stage, cast, random, file }: Scene): string {
  const draw = random.next();
  if (draw < 0.2) {
    cast.supervisor.process.crash('a machine lost power');
    return 'the operator crashes';
  }
  if (draw < 0.3) return file.lose();
  if (draw < 0.5 && file.isWhole) return clearAway(stage);
  // Seconds, or until after the end.
  const forMs = random.next() < 0.3 ? 100 * 60 * MINUTE_MS : 1_000 + randomInt(random, 20 * MINUTE_MS);
  return file.begin(pick(random, TROUBLES), forMs);
}

/** Somebody tidies up; what the file has is enough as long as it is whole. */
function clearAway(stage: Stage): string {
  const { cluster } = stage;
  const found = cluster.stored(CONFIG_MAPS).find(({ metadata }) => metadata?.name === 'web-rollback-state');
  if (found?.metadata?.name === undefined) return 'there is no ConfigMap to clear away';
  const key = { namespace: found.metadata.namespace ?? '', name: found.metadata.name };
  cluster.client.delete(CONFIG_MAPS, key).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  return 'somebody deletes the ConfigMap of the original';
}
