import { resolve } from 'node:path';
import process from 'node:process';

/** A smaller heap is collected sooner. What transfer keeps in it does not grow; the watcher takes 4 KiB for each folder. */
const HEAP_MIB: Readonly<Record<string, number>> = { watcher: 512, transfer: 256 };

/** Returns the flags, the file and the environment with which Node runs a service or the supervisor. */
export function serviceProcess(name: string) {
  const folder = resolve(import.meta.dirname, '../../../apps', name, 'dist');
  const heapMiB = HEAP_MIB[name];
  return {
    args: [
      // Small young generations: five idle services then need half the memory, and throughput is the same within noise.
      '--max-semi-space-size=2',
      ...(heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`]),
      resolve(folder, 'main.js'),
    ],
    environment: {
      NODE_ENV: 'production',
      // What the build compiled: to parse 4 MB of source leaves 15 MiB of unused memory behind.
      NODE_COMPILE_CACHE: resolve(folder, 'compile-cache'),
      // Each thread's own arena of malloc would keep memory that another one needs.
      MALLOC_ARENA_MAX: '2',
      // A fixed threshold: malloc would otherwise raise it to twice the largest block it freed, and return nothing below it.
      MALLOC_TRIM_THRESHOLD_: '131072',
    },
  };
}

/** Goes on as a service or the supervisor: the same process, with another program. */
export function becomeService(name: string, options: readonly string[] = []): never {
  const { args, environment } = serviceProcess(name);
  if (!process.execve) throw new Error(`Node cannot become another program on ${process.platform}.`);
  return process.execve(process.execPath, [process.execPath, ...args, ...options], { ...process.env, ...environment });
}
