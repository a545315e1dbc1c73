import { Parser } from 'htmlparser2';
import { textOfXml } from '../encoding/declared-encoding.ts';
import { CORE_PROPERTIES, statementsOf } from '../description/dublin-core.ts';
import { type ReadText, UnreadableText } from '../extraction.ts';
import { type Dialect, OfficeReader } from './office-reader.ts';
import { type Relationship, relationshipsOf } from './relationships.ts';
import type { SourceFile } from '../child/source-file.ts';
import { type Attributes, eachElement, localAttributes, localName } from '../formats/xml-elements.ts';
import { ZipArchive } from './zip-archive.ts';

/** A compound file begins so; Office keeps encrypted documents in one (MS-OFFCRYPTO, section 2.3). */
const COMPOUND_FILE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const ENCRYPTED_PACKAGE = Buffer.from('EncryptedPackage', 'utf16le');
const COMPOUND_DIRECTORY_BYTES = 16 * 1024 * 1024;
/** Word writes separators of notes as notes with these types. */
const SEPARATORS = new Set(['separator', 'continuationSeparator', 'continuationNotice']);
/** Where styles are not defined, the ids that Word gives them. */
const TITLE_STYLE = /^(?:heading)?1$/iu;
const MARGINS = ['header', 'footer'];

const isTitleIn =
  (titles: ReadonlySet<string>) =>
  (name: string, { val = '' }: Attributes): boolean =>
    (name === 'pStyle' && (titles.has(val) || TITLE_STYLE.test(val))) || (name === 'outlineLvl' && val === '0');

/** WordprocessingML, ECMA-376 part 1, section 17. */
const DOCX: Dialect = {
  paragraphs: new Set(['p']),
  runs: new Set(['t']),
  within: null,
  characters: new Map([
    ...['tab', 'ptab', 'br', 'cr'].map((name) => [name, ' '] as const),
    ['noBreakHyphen', '-'],
    ['softHyphen', '\u00AD'],
  ]),
  silent: new Set(['del', 'moveFrom', 'Fallback']),
  readings: new Set(['rt']),
  isTitle: isTitleIn(new Set()),
  referred: () => null,
};

/** Reads a Word document's text, a section for each heading of the first level. */
export async function readDocx(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  await expectUnencrypted(file);
  const archive = await ZipArchive.open(file);
  const packaged = await relationshipsOf(archive, '');
  const main = firstOf(packaged, 'officeDocument') ?? 'word/document.xml';
  const source = await archive.read(main);
  if (!source) throw new UnreadableText(`it is no DOCX: ${main} is missing`);
  const related = await relationshipsOf(archive, main);
  const reader = new OfficeReader(maxCharacters);
  reader.read(source, await dialectOf(archive, related));
  reader.endChapter();
  for (const part of new Set(related.filter(({ kind }) => MARGINS.includes(kind)).map(({ part: each }) => each))) {
    const margin = await archive.read(part);
    if (margin) reader.read(margin, DOCX);
  }
  const properties = await archive.read(firstOf(packaged, 'core-properties') ?? 'docProps/core.xml');
  return reader.end(statementsOf(properties, CORE_PROPERTIES));
}

const firstOf = (relationships: readonly Relationship[], kind: string): string | undefined =>
  relationships.find((each) => each.kind === kind)?.part;

async function expectUnencrypted(file: SourceFile): Promise<void> {
  const start = await file.readStart(COMPOUND_DIRECTORY_BYTES);
  if (!start.subarray(0, COMPOUND_FILE.length).equals(COMPOUND_FILE)) return;
  throw new UnreadableText(
    start.includes(ENCRYPTED_PACKAGE)
      ? 'the document is protected by a password'
      : 'it is a document of Word 97 to 2003, whose text is not extracted yet',
  );
}

async function dialectOf(archive: ZipArchive, related: readonly Relationship[]): Promise<Dialect> {
  const notes = new Map<string, string>();
  for (const kind of ['footnote', 'endnote']) {
    const part = firstOf(related, `${kind}s`);
    const source = part === undefined ? null : await archive.read(part);
    for (const [id, text] of notesIn(source, kind)) notes.set(`${kind}Reference ${id}`, text);
  }
  const styles = firstOf(related, 'styles');
  const titles = titleStylesIn(styles === undefined ? null : await archive.read(styles));
  return {
    ...DOCX,
    isTitle: isTitleIn(titles),
    referred: (name, { id }) => notes.get(`${name} ${id}`) ?? null,
  };
}

/** The texts of notes by their ids. */
function notesIn(source: Buffer | null, kind: string): Map<string, string> {
  const notes = new Map<string, string>();
  let [id, text, runs]: [string | null, string, number] = [null, '', 0];
  const parser = new Parser(
    {
      onopentag: (element, attributes) => {
        const name = localName(element);
        const { id: own = '', type = '' } = localAttributes(attributes);
        if (name === kind) [id, text] = [SEPARATORS.has(type) ? null : own, ''];
        if (name === 't') runs += 1;
        text += DOCX.characters.get(name) ?? '';
      },
      ontext: (characters) => {
        if (runs > 0) text += characters;
      },
      onclosetag: (element) => {
        const name = localName(element);
        if (name === 't') runs -= 1;
        if (name === 'p') text += '\n';
        if (name === kind && id !== null) notes.set(id, text.trim());
      },
    },
    { xmlMode: true },
  );
  parser.end(textOfXml(source));
  return notes;
}

/** The ids of the styles of first-level headings: their names are English in every language, their ids are not. */
function titleStylesIn(source: Buffer | null): Set<string> {
  const titles = new Set<string>();
  let style = '';
  eachElement(source, (name, { styleId = '', val = '' }) => {
    if (name === 'style') style = styleId;
    const isTitle = name === 'name' ? /^heading 1$/iu.test(val) : name === 'basedOn' && titles.has(val);
    if (isTitle || (name === 'outlineLvl' && val === '0')) titles.add(style);
  });
  return titles;
}
