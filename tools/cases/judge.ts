import { isDeepStrictEqual } from 'node:util';
import type { Check } from './case-list.ts';

/** What a check asks of a node. */
export interface NodeView {
  /** The id of the document in a file; null when it is not shared. */
  documentId(name: string): Promise<string | null>;
  /** The ids of the documents that a search finds. */
  search(text: string): Promise<string[]>;
  /** The report of the document in a file; null when it is not indexed. */
  report(name: string): Promise<unknown>;
  hasCover(name: string): Promise<boolean>;
  fileState(name: string): Promise<string>;
}

/** Returns what is wrong by a check; null when nothing is. */
export async function faultBy(check: Check, node: NodeView): Promise<string | null> {
  switch (check.type) {
    case 'search': {
      const found = await node.search(check.q);
      const isFound = async (name: string) => found.includes((await node.documentId(name)) ?? name);
      for (const name of check.find) if (!(await isFound(name))) return `"${check.q}" does not find ${name}`;
      for (const name of check.notFind) if (await isFound(name)) return `"${check.q}" finds ${name}`;
      return null;
    }
    case 'report':
      return faultOfReport(check, await node.report(check.name));
    case 'cover':
      return (await node.hasCover(check.name)) === check.there
        ? null
        : `${check.name} has ${check.there ? 'no' : 'a'} cover`;
    case 'file': {
      const state = await node.fileState(check.name);
      return state === check.state ? null : `${check.name} is ${state}, not ${check.state}`;
    }
  }
}

function faultOfReport(check: Extract<Check, { type: 'report' }>, report: unknown): string | null {
  if (report === null) return `${check.name} is not indexed`;
  const { field, equals, matches, notMatches } = check;
  const value = valueAt(report, field);
  const text = String(value);
  const isRight =
    ('equals' in check && equals !== undefined ? isDeepStrictEqual(value, equals) : true) &&
    (matches === undefined || new RegExp(matches, 'iu').test(text)) &&
    (notMatches === undefined || !new RegExp(notMatches, 'iu').test(text));
  return isRight ? null : `${field} of ${check.name} is ${JSON.stringify(value)}`;
}

function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const name of path.split('.')) value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return value;
}
