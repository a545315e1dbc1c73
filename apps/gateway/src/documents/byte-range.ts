/** A part of a document: `length` bytes from `offset` on. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a Range header asks for: everything, one part, or something that the document does not have. */
export type RangeRequest =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: RangeRequest = { kind: 'whole' };
const UNSATISFIABLE: RangeRequest = { kind: 'unsatisfiable' };
/** `first-last`, `first-` or `-count`; fifteen digits stay exact as a number. */
const SINGLE_RANGE = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i;

/**
 * Reads a Range header (RFC 9110, section 14). What is malformed or asks for several parts is ignored, as the RFC allows:
 * the whole document is a right answer to it.
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
