import type { Data, DocumentAdded } from '@allibrary/contracts';

/** What the index holds of a document; `revision` is that of the fact that it was taken from. */
export type KnownDocument =
  | {
      readonly state: 'indexed';
      readonly revision: number;
      readonly name: string;
      readonly words: number;
      readonly problem: string | null;
      readonly indexedAtMs: number;
    }
  /** It was removed; kept so that an older fact that comes late does not bring it back. */
  | { readonly state: 'removed'; readonly revision: number };

/** What to do about the news that a document was added. */
export type NextStep =
  /** Later news of it has been seen. */
  | { readonly kind: 'ignore' }
  /** It is indexed from this very fact, but perhaps nobody was told: say it again. */
  | { readonly kind: 'announce'; readonly words: number; readonly problem: string | null; readonly indexedAtMs: number }
  /** Nothing that is searched has changed: note that this fact was seen, and who may find the document. */
  | { readonly kind: 'confirm' }
  /** Read its text and index it. */
  | { readonly kind: 'index' };

/** Decides what the news asks for. A document's bytes never change, so its text is read again only where it failed. */
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
