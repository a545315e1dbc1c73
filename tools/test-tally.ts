import { relative } from 'node:path';

/** Number of tests that passed; which failed, and which were skipped. */
export interface Tally {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

interface TestResult {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[];
}

interface FileResult {
  /** An absolute path. */
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly TestResult[];
}

/** The part of Vitest's JSON report that a tally needs. */
export interface VitestReport {
  readonly testResults: readonly FileResult[];
}

/** Counts one Vitest run; what failed outside of a test (a file, a hook, the run itself) counts as one failure each. */
export function tally(report: VitestReport, exitCode: number): Tally {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = report.testResults.flatMap(failuresOf);
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: failed.length === 0 && exitCode !== 0 ? [`the run itself: it ended with code ${exitCode}`] : failed,
    skipped: tests.filter(({ status }) => !['passed', 'failed'].includes(status)).map(({ fullName }) => fullName),
  };
}

function failuresOf({ name, status, message = '', assertionResults }: FileResult): string[] {
  const file = relative(process.cwd(), name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
  return tests.map(({ fullName, failureMessages = [] }) => `${file}: ${fullName}: ${firstLine(failureMessages[0])}`);
}

const firstLine = (text = '') => text.split('\n', 1)[0];

/** Adds the tallies of several runs. */
export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.flatMap(({ failed }) => failed),
    skipped: tallies.flatMap(({ skipped }) => skipped),
  };
}

/** The last line of a test run; `.ci/run` reads it. */
export function summaryLine({ passed, failed, skipped }: Tally): string {
  const counts = `${passed} passed, ${failed.length} failed`;
  return skipped.length === 0 ? counts : `${counts}, ${skipped.length} skipped`;
}
