import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot, showCommand } from './run-command.ts';
import { addTallies, summaryLine, type Tally, tally, type VitestReport } from './test-tally.ts';

/** What a command runs; the file names of other commands' tests differ. */
interface Suite {
  readonly kinds: readonly string[];
  readonly needsRoot: boolean;
}

const everywhere: Suite = { kinds: ['unit', 'integration', 'e2e'], needsRoot: false };

/** The commands for tests that not every machine can run, by their option. */
const suites: Readonly<Record<string, Suite>> = {
  '--root': { kinds: ['root'], needsRoot: true },
  '--compose': { kinds: ['compose'], needsRoot: true },
};

const beyondThisRun = [
  { files: 'test/**/*.docker.spec.ts', reason: 'needs root and Debian: npm run test:compose' },
  { files: 'test/**/*.root.spec.ts', reason: 'needs root: npm run test:root' },
];

async function runKind(kind: string, filters: readonly string[]): Promise<Tally> {
  console.log(`\n== ${kind} tests`);
  const folder = mkdtempSync(join(tmpdir(), 'allibrary-test-'));
  const reportPath = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
    const args = ['run', '--project', kind, '--passWithNoTests', ...reporters, ...filters];
    const exitCode = await showCommand('vitest', args);
    return tally(readReport(reportPath), exitCode);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A run that ended before it could report has no results; its exit code still reports the failure. */
function readReport(path: string): VitestReport {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
  } catch {
    return { testResults: [] };
  }
}

function nameSkipped(skipped: readonly string[], suite: Suite): void {
  const files = (suite === everywhere ? beyondThisRun : []).flatMap(({ files: pattern, reason }) =>
    globSync(pattern, { cwd: projectRoot }).map((path) => `${path}: ${reason}`),
  );
  const tests = skipped.map((name) => `${name}: skipped by the test itself or by the filter`);
  const lines = [...files, ...tests];
  console.log(lines.length === 0 ? '\nNothing was skipped.' : `\nSkipped:\n  ${lines.join('\n  ')}`);
}

async function test({ kinds, needsRoot }: Suite, filters: readonly string[]): Promise<Tally> {
  if (needsRoot && process.getuid?.() !== 0) throw new Error('these tests make mounts and networks: run them as root');
  if ((await showCommand(process.execPath, ['tools/build.ts'])) !== 0) throw new Error('the build failed');
  const tallies: Tally[] = [];
  for (const kind of kinds) tallies.push(await runKind(kind, filters));
  return addTallies(tallies);
}

const [option = '', ...others] = process.argv.slice(2);
const suite = suites[option] ?? everywhere;
const total = await test(suite, suite === everywhere ? process.argv.slice(2) : others).catch(
  (error: unknown): Tally => {
    console.error('The tests could not be run:', error);
    return { passed: 0, failed: ['the tests could not be run'], skipped: [] };
  },
);
nameSkipped(total.skipped, suite);
for (const failure of total.failed) console.log(`Failed: ${failure}`);
console.log(summaryLine(total));
process.exitCode = total.failed.length === 0 && total.passed > 0 ? 0 : 1;
