import { OPEN_DOCUMENT, statementsOf } from '../description/dublin-core.ts';
import { type ReadText, UnreadableText } from '../extraction.ts';
import { type Dialect, OfficeReader } from './office-reader.ts';
import type { SourceFile } from '../child/source-file.ts';
import { eachElement } from '../formats/xml-elements.ts';
import { ZipArchive } from './zip-archive.ts';

/** OpenDocument 1.3, part 3, section 5. */
const ODT: Dialect = {
  paragraphs: new Set(['p', 'h', 'title', 'desc']),
  runs: null,
  within: null,
  characters: new Map(['s', 'tab', 'line-break'].map((name) => [name, ' '])),
  silent: new Set(['tracked-changes', 'annotation', 'automatic-styles', 'note-citation']),
  readings: new Set(['ruby-text']),
  isTitle: (name, { 'outline-level': level = '1' }) => name === 'h' && level === '1',
  referred: () => null,
};
/** Headers and footers stand in the styles of pages. */
const MARGINS: Dialect = {
  ...ODT,
  within: new Set(['header', 'footer'].flatMap((each) => [each, `${each}-left`, `${each}-first`])),
  isTitle: () => false,
};

/** Reads an OpenDocument text, a section for each heading of the first level. */
export async function readOdt(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const archive = await ZipArchive.open(file);
  if (isEncrypted(await archive.read('META-INF/manifest.xml')))
    throw new UnreadableText('the document is protected by a password');
  const source = await archive.read('content.xml');
  if (!source) throw new UnreadableText('it is no OpenDocument text: content.xml is missing');
  const reader = new OfficeReader(maxCharacters);
  reader.read(source, ODT);
  reader.endChapter();
  const styles = await archive.read('styles.xml');
  if (styles) reader.read(styles, MARGINS);
  return reader.end(statementsOf(await archive.read('meta.xml'), OPEN_DOCUMENT));
}

/** Whether the list of files names one that is encrypted (OpenDocument 1.3, part 2, section 4.8). */
function isEncrypted(manifest: Buffer | null): boolean {
  let found = false;
  eachElement(manifest, (name) => {
    found ||= name === 'encryption-data';
  });
  return found;
}
