/** The one entry point: picks the command, runs it, and turns what it throws into a message and an exit code. */
import { runCommandLine } from '#commands/command-line.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
