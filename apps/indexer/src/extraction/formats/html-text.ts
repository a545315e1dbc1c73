import { Parser } from 'htmlparser2';
import { partsNoteNumber } from '../text/note-numbers.ts';
import { localName } from './xml-elements.ts';

const PARSED_CHARACTERS = 64 * 1024;
const SILENT = new Set(['script', 'style', 'template', 'noscript', 'math', 'iframe', 'object', 'rp']);
/** Elements that part the words around them; all others, known or not, are inline (WHATWG HTML, section 15.3). */
const BLOCKS = new Set(
  (
    'address article aside audio blockquote body br button canvas caption center col colgroup dd details dialog dir div dl ' +
    'dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe ' +
    'input legend li link listing main math menu meta nav noscript object ol optgroup option p param plaintext pre ' +
    'progress script search section select style summary svg table tbody td template text textarea tfoot th thead ' +
    'title tr ul video xmp foreignobject'
  ).split(' '),
);
/** Elements of a drawing that hold text which is seen. */
const DRAWN_TEXT = new Set(['text', 'foreignobject']);

/** What a reader of a page sees, and its title; not much more than so many characters of it. */
export function textOfHtml(html: string, maxCharacters: number): string {
  const collector = new TextCollector();
  let done = '';
  for (let at = 0; at < html.length && done.length <= maxCharacters; at += PARSED_CHARACTERS) {
    collector.write(html.slice(at, at + PARSED_CHARACTERS));
    done += tidy(collector.take()); // in pieces: a whole book of loose strings needs ten times its size
  }
  return (done + tidy(collector.end())).replaceAll(/\n{2,}/gu, '\n').trim();
}

/** One space between words, one line break between blocks. */
const tidy = (text: string): string => text.replaceAll(/[^\S\n]+/gu, ' ').replaceAll(/ ?\n[ \n]*/gu, '\n');

/** Collects the text of a page while it is parsed. */
class TextCollector {
  readonly #parser: Parser;
  #text = '';
  /** Reading aids of the block (ruby), which stand behind it. */
  #readings = '';
  #readingsEndAt = -1;
  #silent = 0;
  #drawings = 0;
  #drawnTexts = 0;
  #readingAids = 0;
  /** Where the open elements begin that may be references to notes. */
  readonly #references: { readonly name: string; readonly at: number }[] = [];

  constructor() {
    this.#parser = new Parser(
      {
        onopentag: (name, attributes) => this.#open(localName(name).toLowerCase(), attributes),
        onclosetag: (name) => this.#close(localName(name).toLowerCase()),
        ontext: (text) => this.#add(text),
      },
      { recognizeSelfClosing: true }, // the chapters of an EPUB are XHTML: in HTML, <title/> would swallow them
    );
  }

  write(html: string): void {
    this.#parser.write(html);
  }

  /** The text that is complete; the last word may go on in the next piece. */
  take(): string {
    const end = this.#references[0]?.at ?? this.#text.length;
    const text = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    for (const [index, { name, at }] of this.#references.entries()) this.#references[index] = { name, at: at - end };
    this.#readingsEndAt -= end;
    return text;
  }

  end(): string {
    this.#parser.end();
    this.#endBlock();
    this.#references.length = 0;
    return this.take();
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (SILENT.has(name)) this.#silent += 1;
    if (name === 'svg') this.#drawings += 1;
    if (this.#drawings > 0 && DRAWN_TEXT.has(name)) this.#drawnTexts += 1;
    if (BLOCKS.has(name)) this.#endBlock();
    if (name === 'rt') this.#openReading();
    if (name === 'img') this.#add(initialIn(attributes) ?? ' ');
    if (name === 'sup' || isNoteReference(name, attributes)) this.#references.push({ name, at: this.#text.length });
  }

  #close(name: string): void {
    if (SILENT.has(name)) this.#silent -= 1;
    if (name === 'svg') this.#drawings -= 1;
    if (this.#drawings > 0 && DRAWN_TEXT.has(name)) this.#drawnTexts -= 1;
    if (BLOCKS.has(name)) this.#endBlock();
    if (name === 'rt') {
      this.#readingAids -= 1;
      this.#readingsEndAt = this.#text.length;
    }
    if (this.#references.at(-1)?.name === name) this.#endReference();
  }

  #add(text: string): void {
    const isHidden = this.#silent > 0 || (this.#drawings > 0 && this.#drawnTexts === 0);
    if (isHidden) return;
    if (this.#readingAids > 0) this.#readings += text.trim();
    else this.#text += text;
  }

  /** Readings of letters that follow each other are one word. */
  #openReading(): void {
    this.#readingAids += 1;
    const between = this.#readingsEndAt < 0 ? ' ' : this.#text.slice(this.#readingsEndAt).trim();
    if (this.#readings !== '' && !/^\p{L}{0,2}$/u.test(between)) this.#readings += ' ';
  }

  #endBlock(): void {
    this.#text += this.#readings === '' ? '\n' : `\n${this.#readings}\n`;
    this.#readings = '';
    this.#readingsEndAt = -1;
  }

  #endReference(): void {
    const { at = 0 } = this.#references.pop() ?? {};
    const [before, reference] = [this.#text.slice(0, at), this.#text.slice(at)];
    if (partsNoteNumber(before, reference)) this.#text = `${before} ${reference} `;
  }
}

/** The letter that a picture at the beginning of a word shows. */
const initialIn = ({ alt = '' }: Readonly<Record<string, string>>): string | null =>
  /^\p{L}$/u.test(alt.trim()) ? alt.trim() : null;

function isNoteReference(name: string, attributes: Readonly<Record<string, string>>): boolean {
  if (name !== 'a') return false;
  const { href = '', role = '' } = attributes;
  return href.includes('#') || role === 'doc-noteref' || attributes['epub:type'] === 'noteref';
}
