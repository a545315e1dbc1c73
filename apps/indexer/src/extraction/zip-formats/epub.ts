import { imageSize } from 'image-size';
import { Parser } from 'htmlparser2';
import { chapterTitle } from '../text/sections.ts';
import { textOfXml } from '../encoding/declared-encoding.ts';
import { type Package, fileAt, readPackage } from './epub-package.ts';
import { type ReadText, UnreadableText } from '../extraction.ts';
import { textOfHtml } from '../formats/html-text.ts';
import { SectionList } from '../text/section-list.ts';
import type { SourceFile } from '../child/source-file.ts';
import { eachElement, localName } from '../formats/xml-elements.ts';
import { ZipArchive } from './zip-archive.ts';

/** So much of a link's text can hold a title. */
const MAX_LABEL_CHARACTERS = 2_000;

/** Reads an EPUB's text in reading order, a section for each file, named as the table of contents names it. */
export async function readEpub(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const archive = await ZipArchive.open(file);
  const { spine, contents, statements } = await readPackage(archive);
  const titles = contents === null ? null : titlesOf(archive, await archive.read(contents), contents);
  const encrypted = await readEncrypted(archive);
  const sections = new SectionList(maxCharacters);
  let chapter: string | null = null;
  for (const name of spine) {
    if (sections.isFull) break;
    if (encrypted.has(name))
      throw new UnreadableText("the EPUB is encrypted: only its publisher's programs can read it", { statements });
    chapter = titles?.get(name) ?? chapter; // a file that is not listed goes on with the chapter before it
    const html = await archive.read(name);
    if (html) sections.add({ page: null, chapter, text: textOfHtml(textOfXml(html), sections.room + 1) });
  }
  if (sections.isBlank) throw new UnreadableText('the EPUB names no text that it holds', { statements });
  return sections.read(statements);
}

/** The picture that an EPUB names as its cover, or that its cover page shows; null when there is none. */
export async function coverOfEpub(file: SourceFile): Promise<Buffer | null> {
  const archive = await ZipArchive.open(file);
  const { covers }: Package = await readPackage(archive);
  for (const name of covers) {
    const bytes = await archive.read(name);
    const picture = bytes && (isPicture(bytes) ? bytes : await pictureOn(archive, bytes, name));
    if (picture) return picture;
  }
  return null;
}

function isPicture(bytes: Buffer): boolean {
  try {
    return imageSize(bytes).type !== 'svg';
  } catch {
    return false;
  }
}

/** The first picture that a page shows, if it shows one before any other. */
async function pictureOn(archive: ZipArchive, page: Buffer, at: string): Promise<Buffer | null> {
  let shown: string | null = null;
  eachElement(page, (name, { src, href }) => {
    if (name === 'img' || name === 'image') shown ??= src ?? href ?? null;
  });
  const name = shown === null ? null : fileAt(archive, at, shown);
  const bytes = name === null ? null : await archive.read(name);
  return bytes && isPicture(bytes) ? bytes : null;
}

/** The files that are encrypted (EPUB Open Container Format 3.3, section 4.2.6.3.2); often fonts only. */
async function readEncrypted(archive: ZipArchive): Promise<Set<string>> {
  const files = new Set<string>();
  eachElement(await archive.read('META-INF/encryption.xml'), (name, { URI }) => {
    const encrypted = name === 'CipherReference' && URI ? fileAt(archive, '', URI) : null;
    if (encrypted !== null) files.add(encrypted);
  });
  return files;
}

/** The first title of each file in a table of contents: links of a navigation document, or labels of an NCX. */
function titlesOf(archive: ZipArchive, source: Buffer | null, at: string): Map<string, string> {
  const titles = new Map<string, string>();
  let label = '';
  let target: string | null = null;
  const take = (): void => {
    const title = chapterTitle(label);
    if (target !== null && title !== null && !titles.has(target)) titles.set(target, title);
    label = '';
    target = null;
  };
  const parser = new Parser(
    {
      onopentag: (name, { href, src }) => {
        if (localName(name) === 'a' || localName(name) === 'navPoint') take();
        if (localName(name) === 'a' && href) target = fileAt(archive, at, href);
        if (localName(name) === 'content' && src) target = fileAt(archive, at, src);
      },
      ontext: (text) => {
        if (label.length < MAX_LABEL_CHARACTERS) label += text;
      },
      onclosetag: (name) => {
        if (localName(name) === 'a' || localName(name) === 'content') take();
      },
    },
    { xmlMode: true },
  );
  parser.end(textOfXml(source));
  return titles;
}
