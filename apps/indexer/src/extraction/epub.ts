import { posix } from 'node:path';
import { Parser } from 'htmlparser2';
import type { Statement } from '../domain/metadata.ts';
import { chapterTitle } from '../domain/sections.ts';
import { textOfXml } from './declared-encoding.ts';
import { type ReadText, UnreadableText } from './extraction.ts';
import { textOfHtml } from './html.ts';
import { OPF, statementsOf } from './dublin-core.ts';
import { eachElement, localName } from './xml-elements.ts';
import { SectionList } from './section-list.ts';
import type { SourceFile } from './source-file.ts';
import { ZipArchive } from './zip-archive.ts';

/** So much of a link's text can hold a title. */
const MAX_LABEL_CHARACTERS = 2_000;

/** What a package document says (EPUB 3.3, section 5): files by their place in the archive. */
interface Package {
  /** The files of the text, in reading order. */
  readonly spine: readonly string[];
  /** The picture of the cover; null when none is named. */
  readonly cover: string | null;
  /** The file that lists the chapters: the navigation document, else the NCX of EPUB 2; null when there is none. */
  readonly contents: string | null;
  readonly statements: readonly Statement[];
}

/** Reads an EPUB's text in reading order, a section for each file, named as the table of contents names it. */
export async function readEpub(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const archive = await ZipArchive.open(file);
  const { spine, contents, statements } = await readPackage(archive);
  const titles = contents === null ? null : titlesOf((await archive.read(contents)) ?? Buffer.of(), contents);
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

/** The picture that an EPUB names as its cover (EPUB 3.3, section 5.6; in EPUB 2 by a `meta`); null when there is none. */
export async function coverOfEpub(file: SourceFile): Promise<Buffer | null> {
  const archive = await ZipArchive.open(file);
  const { cover } = await readPackage(archive);
  return cover === null ? null : archive.read(cover);
}

/** The files that are encrypted (EPUB Open Container Format 3.3, section 4.2.6.3.2); often fonts only. */
async function readEncrypted(archive: ZipArchive): Promise<Set<string>> {
  const files = new Set<string>();
  const source = await archive.read('META-INF/encryption.xml');
  eachElement(source, (name, { URI }) => {
    if (name === 'CipherReference' && URI) files.add(decoded(URI));
  });
  return files;
}

async function readPackage(archive: ZipArchive): Promise<Package> {
  const container = await archive.read('META-INF/container.xml');
  if (!container) throw new UnreadableText('it is no EPUB: META-INF/container.xml is missing');
  let root: string | undefined;
  eachElement(container, (name, attributes) => {
    if (name === 'rootfile') root ??= attributes['full-path'];
  });
  const source = root === undefined ? null : await archive.read(root);
  if (!root || !source) throw new UnreadableText('the EPUB lacks its package document');
  return parsePackage(source, root);
}

function parsePackage(source: Buffer, at: string): Package {
  const files = new Map<string, string>();
  const spine: string[] = [];
  let [navigation, ncx, cover, coverId]: (string | undefined)[] = [];
  eachElement(source, (name, attributes) => {
    const { id, href, properties, idref, toc, name: meta, content } = attributes;
    if (name === 'item' && id && href) files.set(id, resolve(at, href));
    if (name === 'item' && href && properties?.split(/\s+/u).includes('nav')) navigation = resolve(at, href);
    if (name === 'item' && href && properties?.split(/\s+/u).includes('cover-image')) cover = resolve(at, href);
    if (name === 'meta' && meta === 'cover') coverId = content;
    if (name === 'spine') ncx = toc;
    if (name === 'itemref' && idref && files.has(idref)) spine.push(files.get(idref) ?? '');
  });
  const contents = navigation ?? files.get(ncx ?? '') ?? null;
  return { spine, cover: cover ?? files.get(coverId ?? '') ?? null, contents, statements: statementsOf(source, OPF) };
}

/** The first title of each file in a table of contents: links of a navigation document, or labels of an NCX. */
function titlesOf(source: Buffer, at: string): Map<string, string> {
  const titles = new Map<string, string>();
  let label = '';
  let target: string | null = null;
  const take = (): void => {
    const title = chapterTitle(label);
    if (target && title && !titles.has(target)) titles.set(target, title);
    label = '';
    target = null;
  };
  const parser = new Parser(
    {
      onopentag: (name, { href, src }) => {
        if (localName(name) === 'a' || localName(name) === 'navPoint') take();
        if (localName(name) === 'a' && href) target = resolve(at, href);
        if (localName(name) === 'content' && src) target = resolve(at, src);
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

/** The file of the archive that a reference in another one means, without the place in it. */
function resolve(from: string, href: string): string {
  const [path = ''] = href.split('#');
  return posix.join(posix.dirname(from), decoded(path));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
