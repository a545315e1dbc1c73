import { resolve } from 'node:path';
import process from 'node:process';

/** A smaller heap is collected sooner. That of transfer does not grow; the watcher needs 4 KiB for each folder. */
const HEAP_MIB: Readonly<Record<string, number>> = { watcher: 512, transfer: 256 };

/** Returns the flags, the file and the environment with which Node runs a service or the supervisor. */
export function serviceProcess(name: string) {
  const folder = resolve(import.meta.dirname, '../../../apps', name, 'dist');
  const heapMiB = HEAP_MIB[name];
  return {
    args: [
      // Small young generations: five idle services then need half the memory, and throughput is the same within noise.
      '--max-semi-space-size=2',
      '--expose-gc', // for quiet-collection.ts
      ...(heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`]),
      resolve(folder, 'main.js'),
    ],
    environment: {
      NODE_ENV: 'production',
      // Code that the build compiled: parsing 4 MB of source leaves 15 MiB of unused memory behind.
      NODE_COMPILE_CACHE: resolve(folder, 'compile-cache'),
      // With one malloc arena for each thread, freed memory could not be used by other threads.
      MALLOC_ARENA_MAX: '2',
    },
  };
}

/** Replaces the program of this process by a service or the supervisor. */
export function becomeService(name: string, options: readonly string[] = []): never {
  const { args, environment } = serviceProcess(name);
  if (!process.execve) throw new Error(`Node cannot become another program on ${process.platform}.`);
  return process.execve(process.execPath, [process.execPath, ...args, ...options], { ...process.env, ...environment });
}
