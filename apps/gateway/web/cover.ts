import { coverUrl } from './api.ts';
import { element } from './element.ts';

/** The kinds of documents of which covers are drawn. */
const COVERED = new Set(['application/pdf', 'application/epub+zip']);

/** The cover of a document of this node; null when its kind has none. It goes away when the node has none after all. */
export function coverOf(documentId: string, mediaType: string): HTMLElement | null {
  if (!COVERED.has(mediaType)) return null;
  const picture = element('img', { class: 'cover', src: coverUrl(documentId), alt: '', loading: 'lazy' });
  picture.addEventListener('error', () => picture.remove());
  return picture;
}
