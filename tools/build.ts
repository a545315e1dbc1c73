import { fileURLToPath } from 'node:url';
import { runCommand } from './run-command.ts';

/** Builds all apps and libs; what has not changed is taken from the cache. Throws with the output of what failed. */
export async function build(): Promise<void> {
  const { exitCode, output } = await runCommand('nx', ['run-many', '-t', 'build', '--outputStyle=static']);
  if (exitCode !== 0) throw new Error(`The build failed:\n${output}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
