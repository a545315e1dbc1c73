import { Parser } from 'htmlparser2';
import type { Statement } from '../description/metadata.ts';
import { chapterTitle } from '../text/sections.ts';
import { textOfXml } from '../encoding/declared-encoding.ts';
import type { ReadText } from '../extraction.ts';
import { SectionList } from '../text/section-list.ts';
import { type Attributes, localAttributes, localName } from '../formats/xml-elements.ts';

const PARSED_CHARACTERS = 64 * 1024;

/** How a word processor's format marks text; elements by their names without prefix. */
export interface Dialect {
  readonly paragraphs: ReadonlySet<string>;
  /** The only elements whose characters are text; null where all are. */
  readonly runs: ReadonlySet<string> | null;
  /** The only elements whose paragraphs are text, where a part holds more than text; null otherwise. */
  readonly within: ReadonlySet<string> | null;
  /** Elements that stand for characters. */
  readonly characters: ReadonlyMap<string, string>;
  /** What a reader of the document does not see: deleted text, comments. */
  readonly silent: ReadonlySet<string>;
  /** Reading aids above the line. */
  readonly readings: ReadonlySet<string>;
  /** Whether an element makes its paragraph the title of a chapter. */
  readonly isTitle: (name: string, attributes: Attributes) => boolean;
  /** The text that an element refers to, such as a note; it follows the paragraph. */
  readonly referred: (name: string, attributes: Attributes) => string | null;
}

/** A paragraph that is being read, and what follows it: notes and text boxes that are anchored in it. */
interface Paragraph {
  text: string;
  readings: string;
  isTitle: boolean;
  readonly after: string[];
}

/** Puts the paragraphs of a document together, a section for each title. */
export class OfficeReader {
  readonly #sections: SectionList;
  readonly #open: Paragraph[] = [];
  #chapter: string | null = null;
  #text = '';
  #runs = 0;
  #silent = 0;
  #within = 0;
  #readings = 0;

  constructor(maxCharacters: number) {
    this.#sections = new SectionList(maxCharacters);
  }

  /** Reads a part of the document until enough text is there. */
  read(part: Buffer, dialect: Dialect): void {
    const parser = this.#parser(dialect);
    const xml = textOfXml(part);
    for (let at = 0; at < xml.length && this.#text.length <= this.#sections.room; at += PARSED_CHARACTERS) {
      parser.write(xml.slice(at, at + PARSED_CHARACTERS));
    }
    parser.end();
    while (this.#open.length > 0) this.#closeParagraph();
    [this.#runs, this.#silent, this.#within, this.#readings] = [0, 0, 0, 0];
  }

  /** Ends the chapter: what follows belongs to none. */
  endChapter(): void {
    this.#endSection();
    this.#chapter = null;
  }

  end(statements: readonly Statement[]): ReadText {
    this.#endSection();
    return this.#sections.read(statements);
  }

  #parser(dialect: Dialect): Parser {
    return new Parser(
      {
        onopentag: (name, attributes) => this.#onOpen(dialect, localName(name), localAttributes(attributes)),
        ontext: (text) => {
          if (!dialect.runs || this.#runs > 0) this.#add(dialect, text);
        },
        onclosetag: (name) => this.#onClose(dialect, localName(name)),
      },
      { xmlMode: true },
    );
  }

  #onOpen(dialect: Dialect, name: string, attributes: Attributes): void {
    if (dialect.silent.has(name)) this.#silent += 1;
    if (dialect.runs?.has(name)) this.#runs += 1;
    if (dialect.within?.has(name)) this.#within += 1;
    if (dialect.readings.has(name)) this.#readings += 1;
    if (dialect.paragraphs.has(name)) this.#open.push({ text: '', readings: '', isTitle: false, after: [] });
    const paragraph = this.#open.at(-1);
    const characters = dialect.characters.get(name);
    if (characters !== undefined) this.#add(dialect, characters);
    if (paragraph && dialect.isTitle(name, attributes)) paragraph.isTitle = true;
    const referred = this.#silent === 0 ? dialect.referred(name, attributes) : null;
    if (referred !== null) paragraph?.after.push(referred);
  }

  #onClose(dialect: Dialect, name: string): void {
    if (dialect.silent.has(name)) this.#silent -= 1;
    if (dialect.runs?.has(name)) this.#runs -= 1;
    if (dialect.within?.has(name)) this.#within -= 1;
    if (dialect.readings.has(name)) this.#readings -= 1;
    if (dialect.paragraphs.has(name) && this.#open.length > 0) this.#closeParagraph();
  }

  #add(dialect: Dialect, text: string): void {
    const paragraph = this.#open.at(-1);
    if (!paragraph || this.#silent > 0 || (dialect.within && this.#within === 0)) return;
    if (this.#readings > 0) paragraph.readings += text;
    else paragraph.text += text;
  }

  /** A paragraph within another one must not divide the sentence that it is anchored in. */
  #closeParagraph(): void {
    const { text, readings, isTitle, after } = this.#open.pop() ?? {
      text: '',
      readings: '',
      isTitle: false,
      after: [],
    };
    const lines = [text, readings, ...after].map((each) => each.trim()).filter(Boolean);
    const outer = this.#open.at(-1);
    if (outer) {
      outer.after.push(...lines);
      return;
    }
    const title = isTitle ? chapterTitle(text) : null;
    if (title !== null) {
      this.#endSection();
      this.#chapter = title;
    }
    for (const line of lines) this.#text += `${line}\n`;
  }

  #endSection(): void {
    if (this.#text) this.#sections.add({ page: null, chapter: this.#chapter, text: this.#text });
    this.#text = '';
  }
}
