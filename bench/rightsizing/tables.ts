/** Plain text tables. */

/** Columns aligned: the first to the left, others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

export function percent(ratio: number, digits = 1): string {
  return Number.isFinite(ratio) ? `${(100 * ratio).toFixed(digits)} %` : '-';
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
