/** Lists of lags in the descriptions of models, written short: `AR(1,2,3,4,24)` becomes `AR(1–4,24)`. */
export function withLagRanges(description: string): string {
  return description.replaceAll(/(?<=\bAR\()[\d,]+/gu, (lags) =>
    ranges(lags.split(',').map(Number)).join(','),
  );
}

/** Runs of three and more. */
function ranges(lags: readonly number[]): string[] {
  const runs: number[][] = [];
  for (const lag of lags) {
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1) === lag - 1) last.push(lag);
    else runs.push([lag]);
  }
  return runs.flatMap((run) => (run.length < 3 ? run.map(String) : [`${run[0] ?? 0}–${run.at(-1) ?? 0}`]));
}
