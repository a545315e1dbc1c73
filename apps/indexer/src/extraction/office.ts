import { Parser } from 'htmlparser2';
import type { Statement } from '../domain/metadata.ts';
import { chapterTitle } from '../domain/sections.ts';
import { CORE_PROPERTIES, OPEN_DOCUMENT, type Vocabulary, statementsOf } from './dublin-core.ts';
import { textOfXml } from './declared-encoding.ts';
import { type ReadText, UnreadableText } from './extraction.ts';
import { SectionList } from './section-list.ts';
import type { SourceFile } from './source-file.ts';
import { ZipArchive } from './zip-archive.ts';

const PARSED_CHARACTERS = 64 * 1024;

type Attributes = Readonly<Record<string, string>>;

/** How a word processor's format says what is text. */
interface Dialect {
  /** The file in the archive that holds the text. */
  readonly file: string;
  readonly missing: string;
  /** The file in the archive that says what the document is, and how. */
  readonly metadata: { readonly file: string; readonly vocabulary: Vocabulary };
  readonly paragraphs: ReadonlySet<string>;
  /** The only elements whose characters are text; null where all are. */
  readonly runs: ReadonlySet<string> | null;
  /** Elements that stand for white space. */
  readonly blanks: ReadonlySet<string>;
  /** What a reader of the document does not see: deleted text, comments. */
  readonly silent: ReadonlySet<string>;
  /** Whether an element makes its paragraph the title of a chapter. */
  readonly isTitle: (name: string, attributes: Attributes) => boolean;
}

/** Office Open XML, ECMA-376 part 1, section 17. */
const DOCX: Dialect = {
  file: 'word/document.xml',
  missing: 'it is no DOCX: word/document.xml is missing',
  metadata: { file: 'docProps/core.xml', vocabulary: CORE_PROPERTIES },
  paragraphs: new Set(['w:p']),
  runs: new Set(['w:t']),
  blanks: new Set(['w:tab', 'w:br', 'w:cr']),
  silent: new Set(['w:del', 'w:moveFrom', 'mc:Fallback']),
  isTitle: (name, attributes) => name === 'w:pStyle' && /^(?:heading)?1$/iu.test(attributes['w:val'] ?? ''),
};

/** OpenDocument 1.3, part 3, section 5. */
const ODT: Dialect = {
  file: 'content.xml',
  missing: 'it is no OpenDocument text: content.xml is missing',
  metadata: { file: 'meta.xml', vocabulary: OPEN_DOCUMENT },
  paragraphs: new Set(['text:p', 'text:h']),
  runs: null,
  blanks: new Set(['text:s', 'text:tab', 'text:line-break']),
  silent: new Set(['text:tracked-changes', 'office:annotation', 'office:automatic-styles', 'text:note-citation']),
  isTitle: (name, attributes) => name === 'text:h' && attributes['text:outline-level'] === '1',
};

/** Reads a Word document's text, a section for each heading of the first level. */
export const readDocx = (file: SourceFile, maxCharacters: number): Promise<ReadText> =>
  readOffice(file, maxCharacters, DOCX);

/** Reads an OpenDocument text, a section for each heading of the first level. */
export const readOdt = (file: SourceFile, maxCharacters: number): Promise<ReadText> =>
  readOffice(file, maxCharacters, ODT);

async function readOffice(file: SourceFile, maxCharacters: number, dialect: Dialect): Promise<ReadText> {
  const archive = await ZipArchive.open(file);
  const source = await archive.read(dialect.file);
  if (!source) throw new UnreadableText(dialect.missing);
  const reader = new OfficeReader(dialect, maxCharacters);
  const xml = textOfXml(source);
  for (let at = 0; at < xml.length && !reader.isFull; at += PARSED_CHARACTERS) {
    reader.write(xml.slice(at, at + PARSED_CHARACTERS));
  }
  const { metadata } = dialect;
  return reader.end(statementsOf(await archive.read(metadata.file), metadata.vocabulary));
}

/** Puts the paragraphs of a document together. */
class OfficeReader {
  readonly #dialect: Dialect;
  readonly #sections: SectionList;
  readonly #parser: Parser;
  #chapter: string | null = null;
  #text = '';
  #paragraph = '';
  #isTitle = false;
  #runs = 0;
  #silent = 0;

  constructor(dialect: Dialect, maxCharacters: number) {
    this.#dialect = dialect;
    this.#sections = new SectionList(maxCharacters);
    this.#parser = new Parser(
      {
        onopentag: (name, attributes) => this.#open(name, attributes),
        ontext: (text) => {
          if (this.#silent === 0 && (!dialect.runs || this.#runs > 0)) this.#paragraph += text;
        },
        onclosetag: (name) => this.#close(name),
      },
      { xmlMode: true },
    );
  }

  get isFull(): boolean {
    return this.#text.length > this.#sections.room;
  }

  write(xml: string): void {
    this.#parser.write(xml);
  }

  end(statements: readonly Statement[]): ReadText {
    this.#parser.end();
    this.#endParagraph();
    this.#endSection();
    return this.#sections.read(statements);
  }

  #open(name: string, attributes: Attributes): void {
    const { silent, runs, blanks, paragraphs, isTitle } = this.#dialect;
    if (silent.has(name)) this.#silent += 1;
    if (runs?.has(name)) this.#runs += 1;
    if (blanks.has(name)) this.#paragraph += ' ';
    if (paragraphs.has(name)) this.#endParagraph();
    if (isTitle(name, attributes)) this.#isTitle = true;
  }

  #close(name: string): void {
    const { silent, runs, paragraphs } = this.#dialect;
    if (silent.has(name)) this.#silent -= 1;
    if (runs?.has(name)) this.#runs -= 1;
    if (paragraphs.has(name)) this.#endParagraph();
  }

  #endParagraph(): void {
    const paragraph = this.#paragraph.trim();
    if (paragraph && this.#isTitle) {
      this.#endSection();
      this.#chapter = chapterTitle(paragraph);
    }
    if (paragraph) this.#text += `${paragraph}\n`;
    this.#paragraph = '';
    this.#isTitle = false;
  }

  #endSection(): void {
    if (this.#text) this.#sections.add({ page: null, chapter: this.#chapter, text: this.#text });
    this.#text = '';
  }
}
