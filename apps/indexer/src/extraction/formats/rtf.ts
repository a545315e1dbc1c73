import type { Statement, Term } from '../description/metadata.ts';
import { knownEncoding } from '../encoding/encodings.ts';
import { type ReadText, UnreadableText } from '../extraction.ts';
import { SectionList } from '../text/section-list.ts';
import type { SourceFile } from '../child/source-file.ts';

/** Pictures make most of a large file; more text than this is in none. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A control word, a byte in hexadecimal, another control sign, a brace, or text (RTF 1.9.1). */
const TOKEN =
  /\\(?<word>[a-z]{1,32})(?<number>-?\d{1,10})? ?|\\'(?<hex>[0-9a-f]{2})|\\(?<sign>[\s\S])|(?<brace>[{}])|(?<text>[^\\{}\r\n]+)|[\r\n]+/giu;
const CHARACTERS: Readonly<Record<string, string>> = {
  ...{ par: '\n', line: '\n', page: '\n', sect: '\n', row: '\n', cell: '\t', tab: '\t', emdash: '—', endash: '–' },
  ...{ lquote: '‘', rquote: '’', ldblquote: '“', rdblquote: '”', bullet: '•', emspace: ' ', enspace: ' ' },
};
const SIGNS: Readonly<Record<string, string>> = {
  '~': ' ',
  '-': '\u00AD',
  _: '-',
  '\n': '\n',
  '\r': '\n',
  '\\': '\\',
  '{': '{',
  '}': '}',
};
/** Destinations that are no text. */
const SILENT = new Set(
  'fonttbl colortbl stylesheet listtable listoverridetable rsidtbl generator pict object themedata datastore fldinst xmlnstbl latentstyles colorschememapping filetbl revtbl'.split(
    ' ',
  ),
);
const INFORMATION: Readonly<Record<string, Term>> = {
  title: 'title',
  author: 'creator',
  subject: 'subject',
  keywords: 'subject',
};

/** What a group inherits from the one around it. */
interface Group {
  readonly isSilent: boolean;
  readonly isInformation: boolean;
  readonly term: Term | null;
  /** How many bytes follow a Unicode character for programs that know none. */
  readonly skipped: number;
}

/** Reads a text in Rich Text Format. */
export async function readRtf(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const source = (await file.readStart(MAX_BYTES)).toString('latin1');
  if (!source.startsWith('{\\rtf')) throw new UnreadableText('it is no Rich Text Format');
  const { text, statements } = new RtfReader().read(source);
  const sections = new SectionList(maxCharacters);
  sections.add({ page: null, chapter: null, text });
  return sections.read(statements);
}

class RtfReader {
  readonly #groups: Group[] = [{ isSilent: false, isInformation: false, term: null, skipped: 1 }];
  readonly #statements: Statement[] = [];
  #decoder = new TextDecoder('windows-1252');
  #bytes: number[] = [];
  #text = '';
  #statement = '';
  #toSkip = 0;

  read(source: string): { readonly text: string; readonly statements: readonly Statement[] } {
    for (const { groups: { word, number, hex, sign, brace, text } = {} } of source.matchAll(TOKEN)) {
      if (hex !== undefined) this.#byte(Number.parseInt(hex, 16));
      else if (word !== undefined) this.#control(word, number === undefined ? null : Number(number));
      else if (sign !== undefined) this.#sign(sign);
      else if (brace !== undefined) this.#brace(brace);
      else if (text !== undefined) this.#plain(text);
    }
    this.#flush();
    return { text: this.#text, statements: this.#statements };
  }

  get #group(): Group {
    return this.#groups.at(-1) ?? { isSilent: true, isInformation: false, term: null, skipped: 1 };
  }

  #change(change: Partial<Group>): void {
    this.#groups[this.#groups.length - 1] = { ...this.#group, ...change };
  }

  #control(word: string, number: number | null): void {
    if (word === 'u' && number !== null) {
      this.#add(String.fromCharCode(number & 0xffff));
      this.#toSkip = this.#group.skipped;
      return;
    }
    this.#toSkip = 0;
    if (word === 'uc') this.#change({ skipped: number ?? 1 });
    if (word === 'ansicpg') this.#decoder = new TextDecoder(knownEncoding(codePage(number)) ?? 'windows-1252');
    if (SILENT.has(word)) this.#change({ isSilent: true });
    if (word === 'info') this.#change({ isSilent: true, isInformation: true });
    const term = INFORMATION[word];
    if (term && this.#group.isInformation) this.#change({ term });
    const characters = CHARACTERS[word];
    if (characters !== undefined) this.#add(characters);
  }

  #sign(sign: string): void {
    if (sign === '*') this.#change({ isSilent: true });
    else this.#add(SIGNS[sign] ?? '');
  }

  #brace(brace: string): void {
    this.#flush();
    this.#toSkip = 0;
    if (brace === '{') {
      this.#groups.push(this.#group);
      return;
    }
    const { term } = this.#group;
    if (this.#groups.length > 1) this.#groups.pop();
    if (term === null || this.#group.term !== null) return;
    this.#statements.push({ term, value: this.#statement });
    this.#statement = '';
  }

  #byte(byte: number): void {
    if (this.#toSkip > 0) this.#toSkip -= 1;
    else this.#bytes.push(byte);
  }

  #plain(text: string): void {
    const skipped = Math.min(this.#toSkip, text.length);
    this.#toSkip -= skipped;
    for (let at = skipped; at < text.length; at++) this.#bytes.push(text.charCodeAt(at));
  }

  /** Bytes are decoded together: in East Asian code pages, a letter takes two. */
  #flush(): void {
    if (this.#bytes.length === 0) return;
    const text = this.#decoder.decode(Uint8Array.from(this.#bytes));
    this.#bytes = [];
    this.#add(text);
  }

  #add(text: string): void {
    this.#flush();
    if (this.#group.term !== null) this.#statement += text;
    else if (!this.#group.isSilent) this.#text += text;
  }
}

/** The label of a code page of Windows. */
function codePage(number: number | null): string {
  const labels: Readonly<Record<number, string>> = {
    932: 'shift_jis',
    936: 'gbk',
    949: 'euc-kr',
    950: 'big5',
    866: 'ibm866',
    65001: 'utf-8',
  };
  return number === null ? '' : (labels[number] ?? `windows-${number}`);
}
