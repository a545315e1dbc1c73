import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '@allibrary/platform/files';
import { BuildStamp } from './build-stamp.ts';
import { projectRoot, runCommand } from './run-command.ts';

const WAIT_LIMIT_MS = 600_000;

/**
 * Builds all apps and libs, when there is anything to build. Throws with the output of what failed.
 *
 * Nx rewrites every dist folder even when all of it comes from its cache, and a service that starts in that moment
 * finds half of its modules: nodes that start side by side must build one after the other, and only what has changed.
 */
export async function build(): Promise<void> {
  const stamp = new BuildStamp(projectRoot);
  // A built program starts without the lock: it may belong to another user, or lie on a read-only file system.
  if (stamp.isOf(stamp.inputs())) return;
  const onWait = (pid: number) => console.log(`Process ${pid} is building: waiting for it …`);
  const file = join(projectRoot, '.cache', 'build.lock');
  const unwritable = `The program in ${projectRoot} must be built, and this user may not write there: run npm run build as its owner.`;
  await withLock({ file, limitMs: WAIT_LIMIT_MS, onWait, unwritable }, async () => {
    const inputs = stamp.inputs();
    if (stamp.isOf(inputs)) return;
    const { exitCode, output } = await runCommand('nx', ['run-many', '-t', 'build', '--outputStyle=static']);
    if (exitCode !== 0) throw new Error(`The build failed:\n${output}`);
    stamp.write(inputs);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
