/** `npm run demo`: three libraries on this machine find and fetch each other's documents, shown as it happens. */
import { appendFileSync, cpSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import type { Download } from '@allibrary/contracts';
import type { SearchAnswer, SearchResult, Seedbox } from '../test/support/seedbox.ts';
import { build } from './build.ts';
import { makeGuides } from './guides/make-guides.ts';
import { projectRoot } from './run-command.ts';

const NAMES = ['Alexandria', 'Bodley', 'Celsus'] as const;
const MANUALS = 'manuals-of-our-libraries.txt';
const MANUALS_BYTES = 20 * 1_048_576;

const say = (line: string): void => console.log(line);
const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(bytes < 104_858 ? 3 : 1)} MiB`;

function check(claim: boolean, what: string): void {
  if (!claim) throw new Error(`This went wrong: ${what}`);
}

/** A text that is long enough to come from several libraries: manuals and references of the software that we stand on. */
function collectManuals(file: string): void {
  const manuals = globSync(join(projectRoot, 'node_modules/**/*.{md,d.ts}')).toSorted((a, b) => a.localeCompare(b));
  writeFileSync(file, '');
  for (const manual of manuals) {
    appendFileSync(file, readFileSync(manual));
    if (statSync(file).size > MANUALS_BYTES) return;
  }
}

async function fillShelves([alexandria, bodley]: readonly Seedbox[]): Promise<void> {
  if (!alexandria || !bodley) return;
  const guides = await makeGuides(alexandria.library);
  say(`${NAMES[0]} shares ${guides.length} documents: the guides as PDF, EPUB, HTML, Markdown and text.`);
  collectManuals(join(alexandria.library, MANUALS));
  cpSync(join(alexandria.library, MANUALS), join(bodley.library, MANUALS));
  say(`${NAMES[0]} and ${NAMES[1]} both share the manuals of the software we stand on.`);
  await Promise.all([alexandria, bodley].map((seedbox) => seedbox.documentOf(MANUALS, 60_000)));
}

/** Searches again until the result is as it should be: other libraries are still indexing. */
async function searchUntil(
  seedbox: Seedbox,
  words: string,
  enough: (answer: SearchAnswer) => boolean,
): Promise<SearchAnswer> {
  for (let attempt = 0; attempt < 150; attempt++) {
    const answer = await seedbox.search(words);
    if (enough(answer)) return answer;
    await delay(200);
  }
  throw new Error(`This went wrong: a search for «${words}» did not find what is there`);
}

function show(words: string, { results, coverage }: SearchAnswer): void {
  say(`\n${NAMES[2]} searches for «${words}»: ${coverage.answered} of ${coverage.asked} libraries answered.`);
  for (const { name, sizeBytes, sources, snippet } of results.slice(0, 5)) {
    say(`  ${name} (${mebibytes(sizeBytes)}, ${sources.length} source${sources.length === 1 ? '' : 's'})`);
    if (snippet) say(`    ${snippet.slice(0, 120)}`);
  }
}

async function fetchAsItHappens(seedbox: Seedbox, { documentId, sources }: SearchResult): Promise<Download> {
  say(`\n${NAMES[2]} downloads ${MANUALS} from ${sources.length} libraries:`);
  const { id } = await seedbox.download(documentId);
  for (let attempt = 0; attempt < 600; attempt++) {
    const download = await seedbox.call<Download>('GET', `downloads/${id}`);
    const share = download.bytesDone / (download.sizeBytes ?? Number.POSITIVE_INFINITY);
    say(`  [${'#'.repeat(Math.round(share * 30)).padEnd(30)}] ${mebibytes(download.bytesDone)} ${download.state}`);
    if (download.state === 'completed') return download;
    check(download.state !== 'failed', download.reason ?? 'the download failed');
    await delay(100);
  }
  throw new Error('This went wrong: the download did not complete within a minute');
}

async function play(seedboxes: readonly Seedbox[]): Promise<void> {
  const [alexandria, bodley, celsus] = seedboxes;
  if (!alexandria || !bodley || !celsus) return;
  await Promise.all([bodley.meets(1), celsus.meets(1)]);
  await celsus.call('POST', 'peers', { multiaddr: await bodley.address() });
  await celsus.meets(2);
  say(`${NAMES.join(', ')} know each other.`);
  await fillShelves(seedboxes);

  const words = 'mebibyte pieces hash';
  show(
    words,
    await searchUntil(celsus, words, ({ results }) =>
      results.some(({ name }) => name === 'documents-and-their-ids.pdf'),
    ),
  );

  const bothHoldIt = ({ results }: SearchAnswer) =>
    results.some(({ name, sources }) => name === MANUALS && sources.length === 2);
  const { results } = await searchUntil(celsus, 'manuals libraries', bothHoldIt);
  const manuals = results.find(({ name }) => name === MANUALS);
  if (!manuals) return;
  const download = await fetchAsItHappens(celsus, manuals);
  const peers = new Map([
    [await alexandria.peerId(), NAMES[0]],
    [await bodley.peerId(), NAMES[1]],
  ]);
  for (const { peerId, bytes } of download.sources)
    say(`  ${mebibytes(bytes)} came from ${peers.get(peerId) ?? peerId}`);
  check(download.sources.filter(({ bytes }) => bytes > 0).length === 2, 'the download did not use both sources');
  const original = readFileSync(join(alexandria.library, MANUALS));
  check(original.equals(readFileSync(join(celsus.library, MANUALS))), 'the copy is not the original');
  say('  The copy is the original, byte by byte.');

  const threeHoldIt = ({ results: found }: SearchAnswer) =>
    found.some(({ name, sources }) => name === MANUALS && sources.length === 2);
  await searchUntil(alexandria, 'manuals libraries', threeHoldIt);
  say(`\n${NAMES[0]} sees that ${NAMES[2]} shares it as well now.`);
}

async function demo(): Promise<void> {
  await build();
  const { Seedbox } = await import('../test/support/seedbox.ts');
  const seedboxes: Seedbox[] = [];
  try {
    for (const name of NAMES) {
      say(`Starting the library ${name} …`);
      const bootstrap = await Promise.all(seedboxes.slice(0, 1).map((seedbox) => seedbox.address()));
      seedboxes.push(await Seedbox.start({ bootstrap }));
    }
    await play(seedboxes);
  } finally {
    say('\nStopping the libraries …');
    await Promise.all(seedboxes.map((seedbox) => seedbox.stop()));
  }
}

await demo().then(
  () => say('The demo worked.'),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
