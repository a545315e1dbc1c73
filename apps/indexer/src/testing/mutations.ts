import type { SampleDocument } from './sample-documents.ts';

/** Numbers from 0 to 1, the same for the same seed (mulberry32, by Tommy Ettinger). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Mutation = (bytes: Uint8Array, random: () => number) => Uint8Array;

/** What parsers stumble over: ends and limits of numbers, openings of what is never closed, bytes of no encoding. */
const STUMBLING_BLOCKS = [
  ...['\0', '\xff\xff\xff\xff', '-1', '0', '4294967295', '99999999999999999999', '<', '</', '<![CDATA[', '&#x110000;'],
  ...[
    '(',
    '<<',
    '[',
    '{\\*',
    '\\u-99999?',
    '%',
    'endobj',
    'stream\n',
    '\xed\xa0\x80',
    '\ufeff',
    '\r',
    '..//../',
    '%00',
  ],
].map((text) => Buffer.from(text, 'latin1'));

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const changed = Uint8Array.from(bytes);
    for (let n = 0; n <= random() * 8; n++) {
      const at = below(bytes.length, random);
      changed[at] = (changed[at] ?? 0) ^ (1 << below(8, random));
    }
    return changed;
  },
  (bytes, random) =>
    spliced(
      bytes,
      range(bytes, random),
      Uint8Array.from({ length: 16 }, () => below(256, random)),
    ),
  (bytes, random) => spliced(bytes, range(bytes, random), new Uint8Array()),
  (bytes, random) => bytes.slice(0, below(bytes.length, random)),
  (bytes, random) => spliced(bytes, { at: below(bytes.length, random), length: 0 }, pick(STUMBLING_BLOCKS, random)),
  (bytes, random) => {
    const { at, length } = range(bytes, random);
    const repeated = Buffer.alloc(Math.min(length * (1 + below(200, random)), 200_000), bytes.slice(at, at + length));
    return spliced(bytes, { at, length: 0 }, repeated);
  },
  (bytes, random) => {
    const { at, length } = range(bytes, random);
    return spliced(bytes, { at: below(bytes.length, random), length }, bytes.slice(at, at + length));
  },
];

/** The bytes of a document of which one part is changed in some places; of an archive sometimes the whole. */
export function mutated({ parts, bytesOf }: SampleDocument, random: () => number): Uint8Array {
  const isWhole = random() < 0.3;
  const name = pick(Object.keys(parts), random);
  let bytes = isWhole ? bytesOf(parts) : (parts[name] ?? new Uint8Array());
  for (let n = 0; n <= random() * 3; n++) if (bytes.length > 0) bytes = pick(MUTATIONS, random)(bytes, random);
  return isWhole ? bytes : bytesOf({ ...parts, [name]: bytes });
}

const below = (limit: number, random: () => number): number => Math.floor(random() * limit);

function pick<T>(values: readonly T[], random: () => number): T {
  return values[below(values.length, random)] as T;
}

interface Range {
  readonly at: number;
  readonly length: number;
}

function range(bytes: Uint8Array, random: () => number): Range {
  const at = below(bytes.length, random);
  return { at, length: 1 + below(Math.min(64, bytes.length - at), random) };
}

const spliced = (bytes: Uint8Array, { at, length }: Range, middle: Uint8Array): Uint8Array =>
  Buffer.concat([bytes.slice(0, at), middle, bytes.slice(at + length)]);
