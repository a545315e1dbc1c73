/** One page of entries, in the order of their keys as UTF-8. */
export interface KeyedPage<T> {
  readonly items: readonly T[];
  /** Whether nothing follows. */
  readonly isLast: boolean;
}

/** One side of a comparison. */
export interface KeyedList<T> {
  /** The entries whose keys come after the given one. */
  readonly page: (after: string) => Promise<KeyedPage<T>>;
  readonly keyOf: (item: T) => string;
}

/** What both sides have under one key; at least one of them has something. */
export interface Pair<Own, Source> {
  readonly key: string;
  readonly own: Own | undefined;
  readonly source: Source | undefined;
}

/**
 * Joins two ordered lists page by page, with one page of each in memory. A page of `own` is read before the page of
 * `source` that it is compared with: whatever is newer in `own` cannot have changed in between.
 */
export async function* comparePages<Own, Source>(
  own: KeyedList<Own>,
  source: KeyedList<Source>,
): AsyncGenerator<Pair<Own, Source>[]> {
  for (let after = ''; ; ) {
    const ownPage = await own.page(after);
    const sourcePage = await source.page(after);
    const end = least(endOf(ownPage, own.keyOf), endOf(sourcePage, source.keyOf));
    yield join(
      ownPage.items.map((item) => [own.keyOf(item), item] as const).filter(([key]) => isUpTo(key, end)),
      sourcePage.items.map((item) => [source.keyOf(item), item] as const).filter(([key]) => isUpTo(key, end)),
    );
    if (end === undefined) return;
    after = end;
  }
}

/** SQLite compares texts by their UTF-8 bytes; JavaScript, by UTF-16 units, orders some characters differently. */
export const compareKeys = (one: string, other: string): number =>
  one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Up to which key a page is complete; undefined when nothing follows. */
function endOf<T>({ items, isLast }: KeyedPage<T>, keyOf: (item: T) => string): string | undefined {
  const last = items.at(-1);
  return isLast || last === undefined ? undefined : keyOf(last);
}

function least(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return compareKeys(one, other) <= 0 ? one : other;
}

const isUpTo = (key: string, end: string | undefined): boolean => end === undefined || compareKeys(key, end) <= 0;

function join<Own, Source>(
  own: readonly (readonly [string, Own])[],
  source: readonly (readonly [string, Source])[],
): Pair<Own, Source>[] {
  const pairs = new Map<string, Pair<Own, Source>>();
  for (const [key, item] of own) pairs.set(key, { key, own: item, source: undefined });
  for (const [key, item] of source) pairs.set(key, { key, own: pairs.get(key)?.own, source: item });
  return [...pairs.values()];
}
