import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';

/**
 * Runs the command in the arguments from the fourth on. The first three limit its address space (KiB), its processor time (s)
 * and the size of a file that it writes (blocks of 512 bytes). It dumps no core, and has no network where the system lets a
 * process drop it.
 */
const CONFINE = `
  ulimit -c 0 && ulimit -v "$1" && ulimit -t "$2" && ulimit -f "$3" && shift 3 || exit
  for namespaces in -n -rn; do
    unshare $namespaces true 2>/dev/null && exec unshare $namespaces "$@"
  done
  exec "$@"
`;
/** The unit of `ulimit -f` (POSIX, ulimit). */
const BLOCK_BYTES = 512;

/** What a process that reads strangers' documents may use. */
export interface Confinement {
  readonly addressSpaceMiB: number;
  readonly cpuSeconds: number;
  /** Most bytes in a file that it writes. */
  readonly writtenBytes: number;
}

/** Starts a program within limits, in the root folder, with this environment alone. */
export function spawnConfined(
  command: readonly string[],
  { addressSpaceMiB, cpuSeconds, writtenBytes }: Confinement,
  { env, stdio }: { readonly env: NodeJS.ProcessEnv; readonly stdio: StdioOptions },
): ChildProcess {
  const limits = [addressSpaceMiB * 1_024, cpuSeconds, Math.ceil(writtenBytes / BLOCK_BYTES)].map(String);
  return spawn('/bin/sh', ['-c', CONFINE, 'sh', ...limits, ...command], { env, cwd: '/', stdio });
}
