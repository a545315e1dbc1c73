import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer } from '../apps/supervisor/src/nats-server.ts';
import { projectRoot, showCommand } from './run-command.ts';
import { addTallies, summaryLine, type Tally, tally, type VitestReport } from './test-tally.ts';

/** What `npm test` runs, and what `npm run test:root` runs. */
const kindsOf = (isRoot: boolean): readonly string[] => (isRoot ? ['root'] : ['unit', 'integration', 'e2e']);

/** Tests that not every machine can run, told by their file names. */
const beyondThisRun = [
  { files: 'test/**/*.docker.spec.ts', reason: 'needs Docker' },
  { files: 'test/**/*.root.spec.ts', reason: 'needs root: npm run test:root' },
];

async function runKind(kind: string, filters: readonly string[], env: NodeJS.ProcessEnv): Promise<Tally> {
  console.log(`\n== ${kind} tests`);
  const folder = mkdtempSync(join(tmpdir(), 'allibrary-test-'));
  const reportPath = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
    const exitCode = await showCommand(
      'vitest',
      ['run', '--project', kind, '--passWithNoTests', ...reporters, ...filters],
      env,
    );
    return tally(readReport(reportPath), exitCode);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A run that ended before it could report has no results; its exit code still says that it failed. */
function readReport(path: string): VitestReport {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
  } catch {
    return { testResults: [] };
  }
}

function nameSkipped(skipped: readonly string[], isRoot: boolean): void {
  const files = (isRoot ? [] : beyondThisRun).flatMap(({ files: pattern, reason }) =>
    globSync(pattern, { cwd: projectRoot }).map((path) => `${path}: ${reason}`),
  );
  const tests = skipped.map((name) => `${name}: skipped by the test itself or by the filter`);
  const lines = [...files, ...tests];
  console.log(lines.length === 0 ? '\nNothing was skipped.' : `\nSkipped:\n  ${lines.join('\n  ')}`);
}

async function test(isRoot: boolean, filters: readonly string[]): Promise<Tally> {
  if (isRoot && process.getuid?.() !== 0) throw new Error('these tests make mounts and networks: run them as root');
  if ((await showCommand(process.execPath, ['tools/build.ts'])) !== 0) throw new Error('the build failed');
  const env = { ALLIBRARY_NATS_SERVER: await findNatsServer() };
  const tallies: Tally[] = [];
  for (const kind of kindsOf(isRoot)) tallies.push(await runKind(kind, filters, env));
  return addTallies(tallies);
}

const isRoot = process.argv[2] === '--root';
const total = await test(isRoot, process.argv.slice(isRoot ? 3 : 2)).catch((error: unknown): Tally => {
  console.error('The tests could not be run:', error);
  return { passed: 0, failed: 1, skipped: [] };
});
nameSkipped(total.skipped, isRoot);
console.log(summaryLine(total));
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
