/**
 * `npm run cases -- FOLDER [--ocr] [--only ID,…]`: shares documents of a folder on a node of its own, and prints which of the
 * words and other facts that are expected of them it finds, and which are missing.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import type { Seedbox } from '../test/support/seedbox.ts';
import { build } from './build.ts';
import { type ReadingCase, readCases } from './cases/case-list.ts';
import { CaseOnNode, nameOf } from './cases/case-on-node.ts';
import { faultBy } from './cases/judge.ts';

/** How long the documents may take to be indexed, and again those that the steps change. */
const INDEXING_LIMIT_MS = 600_000;
/** A rename or a sidecar is indexed soon, but nothing shows that it was: a fault is looked for again for so long. */
const CHANGE_LIMIT_MS = 30_000;
const POLL_MS = 1_000;

interface Placed {
  readonly one: ReadingCase;
  readonly onNode: CaseOnNode;
}

/** Returns the ids of cases whose documents are not indexed in time. */
async function lateAmong(
  placed: readonly Placed[],
  namesOf: (one: ReadingCase) => readonly string[],
): Promise<Set<string>> {
  const until = performance.now() + INDEXING_LIMIT_MS;
  const late = new Set<string>();
  for (const { one, onNode } of placed) if (!(await onNode.isIndexed(namesOf(one), until))) late.add(one.id);
  return late;
}

const checkedNames = ({ files }: ReadingCase): string[] => files.filter(({ unchecked }) => !unchecked).map(nameOf);

async function faultsOf({ one, onNode }: Placed): Promise<string[]> {
  const faults = await Promise.all(one.checks.map((check) => faultBy(check, onNode)));
  return faults.filter((fault) => fault !== null);
}

async function lastFaultsOf(placed: Placed): Promise<string[]> {
  const until = performance.now() + (placed.one.steps.length > 0 ? CHANGE_LIMIT_MS : 0);
  let faults = await faultsOf(placed);
  while (faults.length > 0 && performance.now() < until) {
    await delay(POLL_MS);
    faults = await faultsOf(placed);
  }
  return faults;
}

/** Runs cases on a node; returns how many are as expected. */
async function run(seedbox: Seedbox, cases: readonly ReadingCase[], folder: string): Promise<number> {
  const placed = cases.map((one) => ({ one, onNode: new CaseOnNode(seedbox, one.id, folder) }));
  for (const { one, onNode } of placed) for (const file of one.files) onNode.put(file);
  const late = await lateAmong(placed, checkedNames);
  for (const { one, onNode } of placed) for (const step of one.steps) onNode.take(step);
  for (const id of await lateAmong(placed, ({ after }) => after)) late.add(id);
  let found = 0;
  for (const each of placed) {
    const faults = [...(late.has(each.one.id) ? ['not indexed in time'] : []), ...(await lastFaultsOf(each))];
    if (faults.length === 0) found += 1;
    console.log(faults.length === 0 ? `found    ${each.one.id}` : `missing  ${each.one.id}: ${faults.join('; ')}`);
  }
  return found;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { ocr: { type: 'boolean', default: false }, only: { type: 'string' } },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('Name a folder that holds expected.json: npm run cases -- FOLDER');
  const { cases, notUnderstood } = readCases(folder);
  const wanted = values.only?.split(',');
  const isWanted = (id: string): boolean => wanted?.includes(id) ?? true;
  const chosen = cases.filter(({ id, needs }) => isWanted(id) && (values.ocr || needs !== 'ocr'));
  const leftOut = notUnderstood.filter(isWanted);
  await build();
  const { Seedbox: Node } = await import('../test/support/seedbox.ts');
  const seedbox = await Node.start({ environment: { ALLIBRARY_OCR: String(values.ocr) } });
  try {
    const found = await run(seedbox, chosen, folder);
    if (leftOut.length > 0) console.log(`not understood: ${leftOut.join(', ')}`);
    console.log(`${found} of ${chosen.length} cases are as expected`);
    if (found < chosen.length) process.exitCode = 1;
  } finally {
    await seedbox.stop();
  }
}

await main();
