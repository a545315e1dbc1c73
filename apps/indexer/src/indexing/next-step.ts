import { type DocumentSource, type ExpectedSource, changedLocations } from './document-source.ts';

/** A document as the index holds it; `revision` is that of the last event. */
export type KnownDocument =
  | {
      readonly state: 'indexed';
      readonly revision: number;
      readonly source: DocumentSource;
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
  /** Nothing that is searched has changed: store the revision, the locations and who may find the document. */
  | { readonly kind: 'confirm'; readonly sidecar: string | null }
  /** It has moved under the same names: index it only if another sidecar describes it there. */
  | { readonly kind: 'compare-sidecar'; readonly sidecar: string | null }
  /** Read its text and index it. */
  | { readonly kind: 'index' };

/**
 * Returns the step for an event. A document's bytes never change. It is read again where that failed, and under other
 * names: they are searched, and the first decides how a text is read.
 */
export function nextStep(known: KnownDocument | null, document: ExpectedSource, revision: number): NextStep {
  if (!known || known.revision < revision)
    return known?.state === 'indexed' ? update(known, document) : { kind: 'index' };
  if (known.state === 'removed' || known.revision > revision) return { kind: 'ignore' };
  const { words, problem, indexedAtMs } = known;
  return { kind: 'announce', words, problem, indexedAtMs };
}

function update(
  { source, problem }: Extract<KnownDocument, { state: 'indexed' }>,
  { names, describing }: ExpectedSource,
): NextStep {
  const hasOtherNames = JSON.stringify(source.names) !== JSON.stringify(names);
  if (problem !== null || hasOtherNames) return { kind: 'index' };
  const hasMoved = changedLocations(source.describing, describing).length > 0;
  return { kind: hasMoved ? 'compare-sidecar' : 'confirm', sidecar: source.sidecar };
}
