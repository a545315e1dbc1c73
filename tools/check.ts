import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, projectRoot, runCommand } from './run-command.ts';

interface Step {
  readonly name: string;
  /** Types come from the libs' build: without it these steps would complain of everything. */
  readonly needsBuild?: true;
  readonly run: () => Promise<Outcome>;
}

const node = (...args: string[]) => runCommand(process.execPath, args);

const steps: readonly Step[] = [
  { name: 'format', run: () => runCommand('biome', ['format']) },
  { name: 'boundaries', run: () => node('tools/boundaries/main.ts') },
  { name: 'build', run: () => node('tools/build.ts') },
  { name: 'lint', needsBuild: true, run: () => runCommand('oxlint', []) },
  { name: 'types', needsBuild: true, run: checkTypes },
  { name: 'unit tests', needsBuild: true, run: () => runCommand('vitest', ['run', '--project', 'unit']) },
];

async function checkTypes(): Promise<Outcome> {
  const outcomes = [await runCommand('nx', ['run-many', '-t', 'typecheck'])];
  for (const folder of ['tools', 'test', 'bench']) {
    if (existsSync(join(projectRoot, folder, 'tsconfig.json'))) outcomes.push(await runCommand('tsc', ['-p', folder]));
  }
  return {
    exitCode: Math.max(...outcomes.map(({ exitCode }) => exitCode)),
    output: outcomes.map(({ exitCode, output }) => (exitCode === 0 ? '' : output)).join(''),
  };
}

async function check(): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, needsBuild, run } of steps) {
    if (needsBuild && failed.includes('build')) {
      failed.push(name);
      console.log(`not run  ${name}: it needs the build`);
      continue;
    }
    const startedAt = performance.now();
    const { exitCode, output } = await run();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${exitCode === 0 ? 'ok      ' : 'failed  '} ${name} (${seconds} s)`);
    if (exitCode !== 0) {
      failed.push(name);
      console.log(output.trimEnd());
    }
  }
  return failed;
}

const failed = await check();
console.log(failed.length === 0 ? `all ${steps.length} steps passed` : `did not pass: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
