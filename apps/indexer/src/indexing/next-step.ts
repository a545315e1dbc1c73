import type { Data, DocumentAdded } from '@allibrary/contracts';

/** A document as the index holds it; `revision` is that of the last event. */
export type KnownDocument =
  | {
      readonly state: 'indexed';
      readonly revision: number;
      readonly name: string;
      readonly words: number;
      readonly problem: string | null;
      readonly indexedAtMs: number;
    }
  /** It was removed. The entry stays, so that an older event that comes late does not restore it. */
  | { readonly state: 'removed'; readonly revision: number };

/** What to do when a document was added. */
export type NextStep =
  /** A later event was handled before. */
  | { readonly kind: 'ignore' }
  /** It is indexed from this event, but the announcement may be lost: publish it again. */
  | { readonly kind: 'announce'; readonly words: number; readonly problem: string | null; readonly indexedAtMs: number }
  /** Nothing that is searched has changed: store the revision and who may find the document. */
  | { readonly kind: 'confirm' }
  /** Read its text and index it. */
  | { readonly kind: 'index' };

/** Returns the step for an event. A document's bytes never change, so its text is read again only where that failed. */
export function nextStep(
  known: KnownDocument | null,
  document: Pick<Data<typeof DocumentAdded>, 'name'>,
  revision: number,
): NextStep {
  if (!known || known.revision < revision) {
    return known?.state === 'indexed' && isUnchanged(known, document) ? { kind: 'confirm' } : { kind: 'index' };
  }
  if (known.state === 'removed' || known.revision > revision) return { kind: 'ignore' };
  const { words, problem, indexedAtMs } = known;
  return { kind: 'announce', words, problem, indexedAtMs };
}

const isUnchanged = (known: Extract<KnownDocument, { state: 'indexed' }>, document: { name: string }): boolean =>
  known.problem === null && known.name === document.name;
