// Runs in a thread of Fts5Threads, which keeps the index open between calls.
import { describeError, isNoSpace } from '@allibrary/messaging';
import { isDamage, openReadModel } from '@allibrary/platform';
import { Fts5Index } from './fts5-index.ts';
import { FTS5_SCHEMA } from './fts5-schema.ts';

/** The methods of the index that a thread can be asked for. */
export type Method =
  | 'find'
  | 'upsert'
  | 'confirm'
  | 'hide'
  | 'remove'
  | 'search'
  | 'report'
  | 'rebase'
  | 'revisions'
  | 'count'
  | 'countPicturePages'
  | 'problem';

/** Where the index lies, and of which version it is. */
export interface Place {
  readonly file: string;
  readonly version: number;
}

/** One call of a method of the index. */
export type IndexCall = Place &
  { readonly [Each in Method]: { readonly method: Each; readonly args: Parameters<Fts5Index[Each]> } }[Method];

let index: Fts5Index | undefined;

/** Result of a call. Damage and a full disk are values, because errors lose their codes between threads. */
export type CallAnswer = { readonly value: unknown } | { readonly damage: string } | { readonly noSpace: string };

/** Runs a call. */
export default async function call({ file, version, method, args }: IndexCall): Promise<CallAnswer> {
  try {
    index ??= new Fts5Index(openReadModel({ file, ...FTS5_SCHEMA, version, isVerified: true }));
    const work = index[method] as (...args: unknown[]) => Promise<unknown>;
    return { value: await work.apply(index, args) };
  } catch (error) {
    if (isDamage(error)) return { damage: (error as Error).message };
    if (isNoSpace(error)) return { noSpace: describeError(error) };
    throw error;
  }
}
