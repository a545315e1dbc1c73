import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from './options.ts';

/**
 * Builds what the services run from, when there is anything to build. A process of its own does it, so that this program
 * depends on no tool of the project; a build is never cut off in the middle, which would leave half of the modules.
 */
export async function build(): Promise<void> {
  const args = [...process.execArgv, join(projectRoot, 'tools', 'build.ts')];
  const builder = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(builder, 'close')) as [number | null];
  if (code !== 0) throw new Error('The build failed: see above.');
}
