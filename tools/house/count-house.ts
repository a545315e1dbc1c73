import { posix } from 'node:path';
import { findCycles } from '../boundaries/cycles.ts';
import { readImports } from '../boundaries/imports.ts';
import { type FieldType, measureFile } from './measure-file.ts';

/** More parameters than this are counted. */
export const MOST_PARAMETERS = 5;
/** Option types with more fields than this are counted. */
export const MOST_FIELDS = 7;

/** One of an app's numbers: what lies in its root, and how its rooms depend on each other. */
export interface AppCounts {
  readonly rootFiles: number;
  readonly rooms: number;
  readonly arrows: number;
}

/** The middle and the ninth tenth of some lengths, in lines. */
export interface Lengths {
  readonly count: number;
  readonly median: number;
  readonly p90: number;
}

/** The shape of a code base in numbers. */
export interface HouseCounts {
  readonly apps: ReadonlyMap<string, AppCounts>;
  /** Where functions with too many parameters stand, as `path:line name (parameters)`. */
  readonly longParameterLists: readonly string[];
  /** Option types with too many fields, as `path:line name (fields)`. */
  readonly largeOptionTypes: readonly string[];
  /** Occurrences of Nest's `useFactory`. */
  readonly factories: number;
  readonly cycles: number;
  readonly fileLengths: Lengths;
  readonly functionLengths: Lengths;
  /** Comments and string literals of all files. */
  readonly prose: readonly string[];
  /** Every identifier once a file, with spaces between its words. */
  readonly names: readonly string[];
}

/** Counts product and tool sources, keyed by their path in the repository; specs and fixtures are left out. */
export function countHouse(all: ReadonlyMap<string, string>): HouseCounts {
  const sources = new Map([...all].filter(([path]) => isMeasured(path)));
  const measured = [...sources].map(([path, source]) => ({ path, ...measureFile(path, source) }));
  const imports = new Map([...sources].map(([path, source]) => [path, importedFiles(path, source)]));
  const functions = measured.flatMap(({ path, functions: found }) => found.map((each) => ({ path, ...each })));
  return {
    apps: countApps([...sources.keys()], imports),
    longParameterLists: functions
      .filter(({ parameters }) => parameters > MOST_PARAMETERS)
      .map(({ path, line, name, parameters }) => `${path}:${line} ${name} (${parameters})`),
    largeOptionTypes: largeOptionTypes(measured),
    factories: measured.reduce((sum, file) => sum + file.factories, 0),
    cycles: findCycles(imports).length,
    fileLengths: lengths(measured.map(({ lines }) => lines)),
    functionLengths: lengths(functions.map(({ lines }) => lines)),
    prose: measured.flatMap(({ prose }) => prose),
    names: measured.flatMap(({ names }) => names),
  };
}

const isMeasured = (path: string): boolean =>
  /^(apps|libs|tools|bench)\//.test(path) && !path.endsWith('.spec.ts') && !path.includes('/testing/');

function importedFiles(path: string, source: string): string[] {
  const specifiers = readImports(path, source).flatMap(({ specifier }) => specifier ?? []);
  return [...new Set(specifiers)]
    .map((specifier) =>
      specifier.startsWith('.')
        ? posix.join(posix.dirname(path), specifier)
        : specifier.replace(/^@allibrary\/([^/]+)$/, 'libs/$1/src/index.ts'),
    )
    .filter((target) => target.endsWith('.ts'));
}

function countApps(paths: readonly string[], imports: ReadonlyMap<string, readonly string[]>): Map<string, AppCounts> {
  const names = [...new Set(paths.flatMap((path) => /^apps\/([^/]+)\/src\//.exec(path)?.[1] ?? []))].sort();
  return new Map(
    names.map((name) => {
      const src = `apps/${name}/src/`;
      const own = paths.filter((path) => path.startsWith(src));
      const arrows = own.flatMap((path) => (imports.get(path) ?? []).filter((target) => isArrow(src, path, target)));
      return [
        name,
        {
          rootFiles: own.filter((path) => roomOf(src, path) === undefined).length,
          rooms: new Set(own.map((path) => roomOf(src, path))).size - 1,
          arrows: arrows.length,
        },
      ];
    }),
  );
}

/**
 * An arrow is one import of one file by another, where the two lie in two different first-level folders of the app's `src`.
 * Files in the root belong to no room: they compose the rooms.
 */
function isArrow(src: string, from: string, to: string): boolean {
  if (!to.startsWith(src)) return false;
  const rooms = [roomOf(src, from), roomOf(src, to)];
  return rooms[0] !== undefined && rooms[1] !== undefined && rooms[0] !== rooms[1];
}

function roomOf(src: string, path: string): string | undefined {
  const [room, ...rest] = path.slice(src.length).split('/');
  return rest.length > 0 ? room : undefined;
}

interface MeasuredTypes {
  readonly path: string;
  readonly fieldTypes: readonly FieldType[];
  readonly bagNames: ReadonlySet<string>;
}

/**
 * Option types: interfaces and type literals that are named `…Parts` or `…Options`, are the sole parameter of a constructor,
 * or are the sole parameter of a function that takes it apart. Inherited fields count.
 */
function largeOptionTypes(files: readonly MeasuredTypes[]): string[] {
  const bags = new Set(files.flatMap(({ bagNames }) => [...bagNames]));
  const byName = new Map(files.flatMap(({ fieldTypes }) => fieldTypes.map((type) => [type.name, type])));
  const fieldsOf = ({ fields, parents }: FieldType): number =>
    parents.reduce((sum, parent) => {
      const type = byName.get(parent);
      return sum + (type ? fieldsOf(type) : 0);
    }, fields);
  return files.flatMap(({ path, fieldTypes }) =>
    fieldTypes
      .filter((type) => (bags.has(type.name) || /(Parts|Options)$/.test(type.name)) && fieldsOf(type) > MOST_FIELDS)
      .map((type) => `${path}:${type.line} ${type.name} (${fieldsOf(type)})`),
  );
}

function lengths(values: readonly number[]): Lengths {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { count: sorted.length, median: at(0.5), p90: at(0.9) };
}
