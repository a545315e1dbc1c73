/** A part of a document: `length` bytes from `offset` on. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** The range that a header requests: everything, one part, or a part outside of the document. */
export type RangeRequest =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: RangeRequest = { kind: 'whole' };
const UNSATISFIABLE: RangeRequest = { kind: 'unsatisfiable' };
/** `first-last`, `first-` or `-count`; fifteen digits stay exact as a number. */
const SINGLE_RANGE = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i;

/**
 * Parses a Range header (RFC 9110, section 14). A malformed header, or one with several ranges, is ignored as the RFC allows.
 * The package range-parser 1.3 differs from the RFC: it refuses a suffix longer than the document, and a reversed range.
 */
export function parseRange(header: string | undefined, sizeBytes: number): RangeRequest {
  const [, first = '', last = ''] = SINGLE_RANGE.exec(header ?? '') ?? [];
  if (first === '' && last === '') return WHOLE;
  return first === '' ? lastBytes(Number(last), sizeBytes) : between(Number(first), last, sizeBytes);
}

function lastBytes(count: number, sizeBytes: number): RangeRequest {
  if (count === 0 || sizeBytes === 0) return UNSATISFIABLE;
  const length = Math.min(count, sizeBytes);
  return { kind: 'part', range: { offset: sizeBytes - length, length } };
}

function between(first: number, last: string, sizeBytes: number): RangeRequest {
  if (last !== '' && Number(last) < first) return WHOLE;
  if (first >= sizeBytes) return UNSATISFIABLE;
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  return { kind: 'part', range: { offset: first, length: end - first + 1 } };
}
