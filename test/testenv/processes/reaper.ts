/**
 * Nothing outlives the tests: a tiny shell holds the other end of a pipe and, once this process is gone for
 * whatever reason (end, crash, SIGKILL, Ctrl-C), kills the process groups and removes the folders it was told of.
 */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

const SCRIPT = `
trap '' HUP INT TERM
groups=' '
while IFS= read -r line; do
  case $line in
    'kill '*) groups="$groups\${line#kill } " ;;
    'spare '*) group=\${line#spare }; groups="\${groups%% $group *} \${groups#* $group }" ;;
    'remove '*) set -- "$@" "\${line#remove }" ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
for folder; do rm -rf -- "$folder"; done
`;

let pipe: Writable | undefined;

function tell(line: string): void {
  if (pipe === undefined) {
    // In a session of its own, so that a Ctrl-C on the terminal does not reach it.
    const shell = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    shell.unref();
    pipe = shell.stdin;
    if (pipe instanceof Socket) pipe.unref();
  }
  pipe.write(`${line}\n`);
}

/** From now on the process group dies with this process. */
export function killAtExit(processGroup: number): void {
  tell(`kill ${String(processGroup)}`);
}

/** The group has ended by itself: its number may belong to someone else soon. */
export function spareAtExit(processGroup: number): void {
  tell(`spare ${String(processGroup)}`);
}

export function removeAtExit(folder: string): void {
  tell(`remove ${folder}`);
}
