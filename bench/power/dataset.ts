/** Reads published SPECpower_ssj2008 results: one server per row, its wall power at active idle and at 10 … 100 % load. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Server {
  readonly year: number;
  readonly cpu: string;
  readonly architecture: string;
  /** At 0, 10, … 100 % load. */
  readonly watts: readonly number[];
}

export const LOADS = Array.from({ length: 11 }, (_, step) => 10 * step);
const FILE = 'specpower_ssj2008_curves.csv';

/** Servers with all eleven values; undefined where the file is not in the folder. */
export function servers(folder: string): Server[] | undefined {
  const file = [join(folder, FILE), join(folder, 'power', FILE)].find((path) => existsSync(path));
  if (file === undefined) return undefined;
  const [header = [], ...rows] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trimEnd().split(','));
  const column = (row: readonly string[], name: string): string => row[header.indexOf(name)] ?? '';
  return rows
    .map((row) => ({
      year: Number(column(row, 'Hardware_Availability_Year')),
      cpu: column(row, 'HW_CPUName'),
      architecture: column(row, 'Architecture'),
      watts: LOADS.map((load) => Number(column(row, `p${load}_w`) || Number.NaN)),
    }))
    .filter(({ watts }) => watts.every(Number.isFinite));
}
