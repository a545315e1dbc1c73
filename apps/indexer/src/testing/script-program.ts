import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Program } from '../extraction/programs/program.ts';

/** Writes a shell script that stands in for a program of the system. */
export async function scriptProgram(folder: string, name: string, script: string): Promise<Program> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { path, environment: {} };
}
