/** The process's own terminal: results on standard output, everything else on standard error. */
import type { Terminal } from '../cli/command.ts';

export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  return {
    write: (text) => void stdout.write(text),
    note: (text) => void stderr.write(text),
    interactive: stdout.isTTY,
    columns: stdout.isTTY ? stdout.columns : 120,
  };
}
