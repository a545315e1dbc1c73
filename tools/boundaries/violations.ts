import { matchesGlob, posix } from 'node:path';
import { findCycles } from './cycles.ts';
import { readImports } from './imports.ts';
import type { Rule } from './rules.ts';

/** One broken rule, at the line that broke it. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

interface Import {
  readonly line: number;
  /** A path in the repository, a package's specifier, or undefined when the code computes it. */
  readonly target: string | undefined;
}

/** Judges sources, keyed by their path in the repository, by the rules; import circles are always refused. */
export function findViolations(sources: ReadonlyMap<string, string>, rules: readonly Rule[]): Violation[] {
  const imports = new Map([...sources].map(([path, source]) => [path, importsOf(path, source)]));
  return [
    ...[...imports].flatMap(([path, found]) => [
      ...computedImports(path, found),
      ...brokenRules(
        path,
        found,
        rules.filter((rule) => !rule.withPureSpec || hasPureSpec(path, sources)),
      ),
    ]),
    ...circles(imports),
  ];
}

function importsOf(path: string, source: string): Import[] {
  return readImports(path, source).map(({ line, specifier }) => ({
    line,
    target: specifier?.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier,
  }));
}

const hasPureSpec = (path: string, sources: ReadonlyMap<string, string>): boolean =>
  sources.has(path.replace(/\.ts$/, '.spec.ts'));

function computedImports(path: string, found: readonly Import[]): Violation[] {
  if (!matchesGlob(path, '{apps,libs}/**') || path.endsWith('.spec.ts')) return [];
  return found
    .filter(({ target }) => target === undefined)
    .map(({ line }) => ({
      path,
      line,
      rule: 'no-computed-imports',
      message: 'An import that is computed cannot be checked.',
    }));
}

function brokenRules(path: string, found: readonly Import[], rules: readonly Rule[]): Violation[] {
  const own = ownFolder(path);
  return rules
    .filter((rule) => matchesAny(path, rule.from) && !matchesAny(path, rule.except ?? []))
    .flatMap((rule) =>
      found.flatMap(({ line, target }) =>
        target !== undefined && breaks(rule, target, own)
          ? [{ path, line, rule: rule.name, message: `imports ${target}. ${rule.sentence}` }]
          : [],
      ),
    );
}

function breaks(rule: Rule, target: string, own: string): boolean {
  const patterns = (list: readonly string[]): string[] => list.map((pattern) => pattern.replace('{own}', own));
  if (rule.only !== undefined && !matchesAny(target, patterns(rule.only))) return true;
  return rule.never !== undefined && !target.startsWith(`${own}/`) && matchesAny(target, patterns(rule.never));
}

const matchesAny = (text: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => matchesGlob(text, pattern) || matchesGlob(text, `${pattern}/**`));

/** The workspace folder of a file: `apps/transfer`, `libs/core`, or its top folder outside of the workspaces. */
function ownFolder(path: string): string {
  const [top = '', name = ''] = path.split('/');
  return top === 'apps' || top === 'libs' ? `${top}/${name}` : top;
}

function circles(imports: ReadonlyMap<string, readonly Import[]>): Violation[] {
  const graph = new Map(
    [...imports].map(([path, found]) => [path, found.flatMap(({ target }) => (target ? [asFile(target)] : []))]),
  );
  return findCycles(graph).map((cycle) => ({
    path: cycle[0] ?? '',
    line: 1,
    rule: 'no-circles',
    message: `imports itself: ${cycle.join(' -> ')} -> ${cycle[0]}`,
  }));
}

const asFile = (target: string): string => target.replace(/^@allibrary\/([^/]+)$/, 'libs/$1/src/index.ts');
