// Real: extraction children with their limits. Documents that the tests make are damaged by a generator with a seed:
// ALLIBRARY_MUTATIONS=10000 makes the long run, ALLIBRARY_MUTATION_SEED another one.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mutated, randomNumbers } from '../testing/mutations.ts';
import { type SampleDocument, sampleDocuments } from '../testing/sample-documents.ts';
import { MEDIA_TYPES, TestExtractor } from '../testing/test-extractor.ts';
import type { Extraction } from './extraction.ts';

const MUTATIONS = Number(process.env['ALLIBRARY_MUTATIONS'] ?? 300);
const SEED = Number(process.env['ALLIBRARY_MUTATION_SEED'] ?? 1);
const CHILDREN = 2;
/** How long one document may take, and so the whole at most, on a busy machine. */
const DOCUMENT_LIMIT_MS = 10_000;
/** After so many mutated documents an undamaged one is read. */
const CONTROL_EVERY = 20;

let extractor: TestExtractor;
let samples: SampleDocument[];
beforeAll(async () => {
  samples = await sampleDocuments();
  extractor = await TestExtractor.open({ children: CHILDREN, memoryMiB: 512, timeLimitMs: DOCUMENT_LIMIT_MS });
});
afterAll(() => extractor.close());

const read = ({ format }: SampleDocument, name: string, bytes: Uint8Array): Promise<Extraction> =>
  extractor.extractAs(`${name}.${format}`, MEDIA_TYPES[format], bytes);

const isAnswer = (extraction: Extraction): boolean =>
  extraction.kind === 'text' || (extraction.kind === 'problem' && /\w{3}/u.test(extraction.problem));

/** Reads the mutated documents of one place for a child; each has a generator of its own, so that it can be made alone. */
async function readMutated(place: number, outcomes: Map<string, number>): Promise<void> {
  for (let number = place; number < MUTATIONS; number += CHILDREN) {
    const random = randomNumbers(SEED * 1_000_003 + number);
    const sample = samples[number % samples.length] as SampleDocument;
    const extraction = await read(sample, `mutated-${place}`, mutated(sample, random));
    expect(isAnswer(extraction), `mutation ${number} of seed ${SEED} (${sample.format})`).toBe(true);
    const outcome = extraction.kind === 'problem' ? causeOf(extraction.problem) : extraction.kind;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (number % CONTROL_EVERY !== place) continue;
    const whole = await read(sample, `whole-${place}`, sample.bytesOf(sample.parts));
    expect(whole, `after mutation ${number} of seed ${SEED}`).toMatchObject({ kind: 'text' });
  }
}

const causeOf = (problem: string): string =>
  /crashed|needs more than|within|nonsense|killed/u.exec(problem)?.[0] ?? 'problem';

test('all of the documents can be read before they are damaged', async () => {
  for (const sample of samples)
    expect(await read(sample, 'whole', sample.bytesOf(sample.parts)), sample.format).toMatchObject({
      kind: 'text',
      text: expect.stringMatching(/heron|Reiher|héron|الكتاب/iu),
    });
});

test(
  `${MUTATIONS} damaged documents give a text or a named problem each, and harm no other document`,
  async () => {
    const outcomes = new Map<string, number>();
    await Promise.all(Array.from({ length: CHILDREN }, (_, place) => readMutated(place, outcomes)));
    if (MUTATIONS > 1_000) console.log(Object.fromEntries(outcomes));
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(MUTATIONS);
  },
  MUTATIONS * DOCUMENT_LIMIT_MS,
);
