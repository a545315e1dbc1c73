import { posix } from 'node:path';
import type { Statement } from '../description/metadata.ts';
import { UnreadableText } from '../extraction.ts';
import { statementsOfOpf } from '../description/opf.ts';
import { type Attributes, eachElement } from '../formats/xml-elements.ts';
import type { ZipArchive } from './zip-archive.ts';

const PACKAGE_TYPE = 'application/oebps-package+xml';
const TEXT_TYPE = /html|svg/u;

/** What a package document names (EPUB 3.3, section 5): files by their place in the archive. */
export interface Package {
  /** The files of the text, each once, in reading order. */
  readonly spine: readonly string[];
  /** Files that may be the picture of the cover or show it, the best first. */
  readonly covers: readonly string[];
  /** The file that lists the chapters: the navigation document, else the NCX of EPUB 2; null when there is none. */
  readonly contents: string | null;
  readonly statements: readonly Statement[];
}

/** Reads the package document of an EPUB; throws {@link UnreadableText} when there is none. */
export async function readPackage(archive: ZipArchive): Promise<Package> {
  const root = await rootOf(archive);
  const source = root === null ? null : await archive.read(root);
  if (root === null || !source) throw new UnreadableText('the EPUB lacks its package document');
  return parsePackage(archive, source, root);
}

/** The place of the package document; a container may name other renditions of the book beside it. */
async function rootOf(archive: ZipArchive): Promise<string | null> {
  const name = archive.find('META-INF/container.xml');
  const packages = [...archive.names].filter((each) => /\.opf$/iu.test(each));
  if (name === null && packages.length === 0)
    throw new UnreadableText('it is no EPUB: META-INF/container.xml is missing');
  const roots: { readonly path: string; readonly type: string }[] = [];
  eachElement(name === null ? null : await archive.read(name), (element, attributes) => {
    const { 'full-path': path, 'media-type': type = '' } = attributes;
    if (element === 'rootfile' && path) roots.push({ path, type });
  });
  const [first] = [...roots.filter(({ type }) => type === PACKAGE_TYPE), ...roots];
  return (first && fileAt(archive, '', first.path)) ?? packages[0] ?? null;
}

/** What the elements of a package document name. */
interface Named {
  readonly items: Map<string, Attributes>;
  readonly itemrefs: string[];
  coverId: string;
  ncx: string;
  guideCover: string;
}

function parsePackage(archive: ZipArchive, source: Buffer, at: string): Package {
  const named = namesIn(source);
  const items = [...named.items.values()];
  const place = (href = ''): string | null => (href === '' ? null : fileAt(archive, at, href));
  const placeOfItem = (id: string): string | null => place(named.items.get(id)?.['href']);
  const itemWith = (property: string): string | null =>
    place(items.find(({ properties = '' }) => properties.split(/\s+/u).includes(property))?.['href']);

  const read = named.itemrefs.map(placeOfItem).filter((name) => name !== null);
  const unordered = items.filter(({ 'media-type': type = '' }) => TEXT_TYPE.test(type)).map(({ href }) => place(href));
  const spine = new Set(read.length > 0 ? read : unordered.filter((name) => name !== null));
  const pictures = items.filter(({ 'media-type': type = '' }) => type.startsWith('image/'));
  const covers = [
    itemWith('cover-image'),
    placeOfItem(named.coverId),
    place(named.coverId),
    place(named.guideCover),
    place(pictures.find(({ id = '', href = '' }) => /cover/iu.test(id) || /cover/iu.test(href))?.['href']),
    [...spine][0] ?? null,
  ];
  return {
    spine: [...spine],
    covers: [...new Set(covers.filter((name) => name !== null))],
    contents: itemWith('nav') ?? placeOfItem(named.ncx),
    statements: statementsOfOpf(source),
  };
}

function namesIn(source: Buffer): Named {
  const named: Named = { items: new Map(), itemrefs: [], coverId: '', ncx: '', guideCover: '' };
  eachElement(source, (name, attributes) => {
    const { id, href, idref, toc, name: meta, content, type } = attributes;
    if (name === 'item' && id && href) named.items.set(id, attributes);
    if (name === 'itemref' && idref) named.itemrefs.push(idref);
    if (name === 'spine' && toc) named.ncx = toc;
    if (name === 'meta' && meta === 'cover' && content) named.coverId ||= content;
    if (name === 'reference' && type?.toLowerCase() === 'cover' && href) named.guideCover ||= href;
  });
  return named;
}

/** The file of the archive that a reference in another one means, without the place in it; null when there is none. */
export function fileAt(archive: ZipArchive, from: string, href: string): string | null {
  const path = href.replace(/#.*$/su, '').replaceAll('\\', '/').trim();
  const plain = path.replace(/\?.*$/su, '');
  const folder = plain.startsWith('/') ? '' : posix.dirname(from);
  for (const each of [decoded(plain), plain, decoded(path)]) {
    const found = archive.find(posix.join('/', folder, each).slice(1));
    if (found !== null) return found;
  }
  return null;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
