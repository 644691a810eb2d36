/** Calibrations of nodes, of models of nodes and of the whole cluster, and which of them holds for a node. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Database } from '#adapters/sqlite/database.ts';
import { DEFAULT_CALIBRATION, type EnergyCalibration } from '#domain/energy/calibration.ts';
import { readCalibration, writeCalibration } from './calibration-document.ts';

/** What a calibration is of. `model` names a kind of node, such as its instance type. */
export type CalibrationScope =
  | { readonly scope: 'node'; readonly name: string }
  | { readonly scope: 'model'; readonly name: string }
  | { readonly scope: 'cluster' };

export interface StoredCalibration {
  readonly of: CalibrationScope;
  /** When it was saved. */
  readonly atMs: number;
  readonly calibration: EnergyCalibration;
}

/** What holds for a node, and where it is from. */
export interface CalibrationInUse {
  readonly of: CalibrationScope | { readonly scope: 'built-in' };
  /** Absent for the built-in one. */
  readonly atMs?: number;
  readonly calibration: EnergyCalibration;
}

export interface NodeNames {
  readonly node?: string;
  readonly model?: string;
}

const Row = Type.Object({
  scope: Type.Union([Type.Literal('node'), Type.Literal('model'), Type.Literal('cluster')]),
  name: Type.String(),
  at_ms: Type.Number(),
  document: Type.String(),
});

/** Every call raises KC_STORE_UNAVAILABLE or KC_STORE_CORRUPT where the file cannot be used. */
export class CalibrationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Replaces what there was of the same. */
  save({ of, atMs, calibration }: StoredCalibration): void {
    this.#database.transaction(() => {
      this.#database
        .prepare(
          `INSERT INTO calibration (scope, name, at_ms, document) VALUES (?, ?, ?, ?)
           ON CONFLICT (scope, name) DO UPDATE SET at_ms = excluded.at_ms, document = excluded.document`,
        )
        .run(of.scope, nameOf(of), Math.trunc(atMs), writeCalibration(calibration));
    });
  }

  load(of: CalibrationScope): StoredCalibration | undefined {
    const row = this.#database.reading(() =>
      this.#database
        .prepare('SELECT * FROM calibration WHERE scope = ? AND name = ?')
        .get(of.scope, nameOf(of)),
    );
    return row === undefined ? undefined : this.#stored(row);
  }

  /** By scope and name. */
  list(): readonly StoredCalibration[] {
    const rows = this.#database.reading(() =>
      this.#database.prepare('SELECT * FROM calibration ORDER BY scope, name').all(),
    );
    return rows.map((row) => this.#stored(row));
  }

  /** Whether there was one. */
  remove(of: CalibrationScope): boolean {
    return this.#database.transaction(() => {
      const sql = 'DELETE FROM calibration WHERE scope = ? AND name = ?';
      return Number(this.#database.prepare(sql).run(of.scope, nameOf(of)).changes) > 0;
    });
  }

  /** The nearest that there is: the node's, its model's, the cluster's, the built-in defaults. */
  inUse({ node, model }: NodeNames = {}): CalibrationInUse {
    const scopes: readonly CalibrationScope[] = [
      ...(node === undefined ? [] : [{ scope: 'node', name: node } as const]),
      ...(model === undefined ? [] : [{ scope: 'model', name: model } as const]),
      { scope: 'cluster' },
    ];
    for (const of of scopes) {
      const found = this.load(of);
      if (found !== undefined) return found;
    }
    return { of: { scope: 'built-in' }, calibration: DEFAULT_CALIBRATION };
  }

  close(): void {
    this.#database.close();
  }

  #stored(raw: object): StoredCalibration {
    const { scope, name, at_ms: atMs, document } = Value.Parse(Row, { ...raw });
    const object = `${scope} ${name} in calibrations ${this.#database.path}`;
    return {
      of: scope === 'cluster' ? { scope } : { scope, name },
      atMs,
      calibration: readCalibration(document, object),
    };
  }
}

function nameOf(of: CalibrationScope): string {
  return of.scope === 'cluster' ? '' : of.name;
}
