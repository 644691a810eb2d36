/** The layout of every kind. */
import type { Resource } from '../resources/resource.ts';
import type { ColumnDefinition } from '../schema/load-schemas.ts';
import { autoscalerRow } from './autoscaler-row.ts';
import { CLUSTER_ROWS } from './cluster-rows.ts';
import { PLAIN_ROWS } from './plain-rows.ts';
import { podRow } from './pod-row.ts';
import { type PrinterColumn, printerLayout } from './printer-columns.ts';
import type { RowMaker, TableLayout } from './table.ts';
import { WORKLOAD_ROWS } from './workload-rows.ts';

const ROWS: Readonly<Record<string, RowMaker>> = {
  ...PLAIN_ROWS,
  ...CLUSTER_ROWS,
  ...WORKLOAD_ROWS,
  '/pods': podRow,
  'autoscaling/horizontalpodautoscalers': autoscalerRow,
};

/** What kinds without a layout of their own show. */
const defaultRow: RowMaker = (object) => [
  object.metadata.name ?? '',
  object.metadata.creationTimestamp ?? '',
];

export class Tables {
  readonly #columns: Readonly<Record<string, readonly ColumnDefinition[]>>;
  readonly #custom = new WeakMap<Resource, TableLayout>();

  /** `columns`: by `<group version>/<plural>`. */
  constructor(columns: Readonly<Record<string, readonly ColumnDefinition[]>>) {
    this.#columns = columns;
  }

  of(resource: Resource): TableLayout {
    const { apiVersion, group, plural } = resource;
    const columns = this.#columns[`${apiVersion}/${plural}`];
    if (columns !== undefined) return { columns, cells: ROWS[`${group}/${plural}`] ?? defaultRow };
    return this.#custom.get(resource) ?? printerLayout([], this.#nameColumn());
  }

  /** Takes up the columns of a custom resource. */
  add(resource: Resource, columns: readonly PrinterColumn[]): void {
    this.#custom.set(resource, printerLayout(columns, this.#nameColumn()));
  }

  #nameColumn(): ColumnDefinition {
    const name = this.#columns['v1/configmaps']?.[0];
    return name ?? { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 };
  }
}
