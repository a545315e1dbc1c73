import { resolve } from 'node:path';
import { rules } from './rules.ts';
import { findGaps, readSources } from './sources.ts';
import { findViolations } from './violations.ts';

const root = resolve(process.argv[2] ?? resolve(import.meta.dirname, '../..'));
const sources = readSources(root);
const problems = [
  ...findGaps(root, sources),
  ...findViolations(sources, rules).map(({ path, line, rule, message }) => `${path}:${line} [${rule}] ${message}`),
];

for (const problem of problems) console.error(problem);
console.log(`${sources.size} files, ${rules.length} rules, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
