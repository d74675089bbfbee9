import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// One shell for all children, told their ids through a pipe. The kernel closes the pipe however this process ends, which
// an 'exit' listener cannot promise (SIGKILL), and the shell then ends what is left. It is a session of its own, so that
// Ctrl-C in the terminal does not end it before its work.
const SCRIPT = `
trap '' HUP INT TERM
pids=' '
dir=
while read -r act pid; do
  case $act in
    dir) dir=$pid ;;
    add) pids="$pids$pid " ;;
    del) case "$pids" in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
for pid in $pids; do kill -TERM "$pid" 2>/dev/null; done
for pid in $pids; do
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 30 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -KILL "$pid" 2>/dev/null
done
[ -n "$dir" ] && rmdir "$dir" 2>/dev/null
`;

/** Ends the given processes when this one dies without having done so itself. */
export class ProcessGuardian {
  private readonly shell: ChildProcess;

  constructor() {
    this.shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.shell.on('error', () => {}); // no /bin/sh: the children then end with this process' own stop alone
    this.shell.stdin?.on('error', () => {}); // the guardian was killed from outside
    this.shell.unref();
    (this.shell.stdin as Socket | null)?.unref?.();
  }

  add(pid: number): void {
    this.shell.stdin?.write(`add ${pid}\n`);
  }

  /** To be called when a process has ended: its id may soon be another's. */
  remove(pid: number): void {
    this.shell.stdin?.write(`del ${pid}\n`);
  }

  /** Removes that folder too, if it is empty by then. */
  addFolder(path: string): void {
    this.shell.stdin?.write(`dir ${path}\n`);
  }

  /** All children have ended: so does the guardian. */
  close(): void {
    this.shell.stdin?.end();
  }
}
