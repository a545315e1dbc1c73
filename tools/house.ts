/**
 * Counts the shape of the code: `node tools/boot.mjs tools/house.ts [CHECKOUT] [--list]`. Another checkout can be counted, so
 * that two versions can be compared; `--list` names what is over a limit.
 */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readSources } from './boundaries/sources.ts';
import { type HouseCounts, type Lengths, MOST_FIELDS, MOST_PARAMETERS, countHouse } from './house/count-house.ts';
import { OLD_WORDS, countOldWords, textOfPage } from './house/old-words.ts';

/** Describes the counts of a checkout, one a line. */
export function describeHouse(root: string, isListed: boolean): string {
  const counts = countHouse(readSources(root));
  const listed = (lines: readonly string[]): string[] => (isListed ? lines.map((line) => `    ${line}`) : []);
  return [
    'app               files in root    rooms    arrows between rooms',
    ...[...counts.apps].map(
      ([name, { rootFiles, rooms, arrows }]) =>
        `  ${name.padEnd(16)}${column(rootFiles, 13)}${column(rooms, 9)}${column(arrows, 24)}`,
    ),
    `functions with more than ${MOST_PARAMETERS} parameters: ${counts.longParameterLists.length}`,
    ...listed(counts.longParameterLists),
    `option types with more than ${MOST_FIELDS} fields: ${counts.largeOptionTypes.length}`,
    ...listed(counts.largeOptionTypes),
    `useFactory: ${counts.factories}`,
    `import cycles: ${counts.cycles}`,
    `files: ${lengthText(counts.fileLengths)}`,
    `functions: ${lengthText(counts.functionLengths)}`,
    ...wordLines(root, counts),
  ].join('\n');
}

function wordLines(root: string, { prose, names }: HouseCounts): string[] {
  const read = (pattern: string): string[] =>
    globSync(pattern, { cwd: root, exclude: ['**/node_modules', '**/dist'] }).map((path) =>
      readFileSync(join(root, path), 'utf8'),
    );
  const places = [
    countOldWords([...prose, ...read('apps/*/web/**/*.html').map(textOfPage)]),
    countOldWords(names),
    countOldWords(read('{*.md,docs/**/*.md}')),
  ];
  const row = (name: string, count: (place: ReadonlyMap<string, number>) => number): string =>
    `  ${name.padEnd(16)}${places.map((place, index) => column(count(place), index === 0 ? 26 : 9)).join('')}`;
  return [
    'words              comments, strings, pages    names     docs',
    ...OLD_WORDS.map(({ name }) => row(name, (place) => place.get(name) ?? 0)),
    row('all', (place) => [...place.values()].reduce((sum, n) => sum + n, 0)),
  ];
}

const lengthText = ({ count, median, p90 }: Lengths): string => `${count}, median ${median} lines, p90 ${p90} lines`;

const column = (value: number, width: number): string => String(value).padStart(width);

if (import.meta.main) {
  const [root = join(import.meta.dirname, '..')] = process.argv.slice(2).filter((argument) => argument !== '--list');
  console.log(describeHouse(resolve(root), process.argv.includes('--list')));
}
