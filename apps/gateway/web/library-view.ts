import type { LibraryDocument } from '@allibrary/contracts';
import { api, contentUrl } from './api.ts';
import { attempt } from './attempt.ts';
import { coverOf } from './cover.ts';
import { byId, element } from './element.ts';
import { count, formatBytes, typeName } from './format.ts';
import { KeyedList } from './keyed-list.ts';

const PAGE_SIZE = 50;
const LARGEST_PAGE = 200;
/** Many files may be added at once; the list is redrawn once for all of them. */
const SETTLE_MS = 500;

/** The documents of this node, page by page. */
export class LibraryView {
  readonly #list = new KeyedList<LibraryDocument>({
    list: byId('document-list', HTMLUListElement),
    keyOf: ({ documentId }) => documentId,
    contextOf: () => null,
    draw: drawDocument,
  });
  readonly #more = byId('more-documents', HTMLButtonElement);
  #documents: readonly LibraryDocument[] = [];
  #nextCursor: string | null = null;
  #isReloading = false;

  constructor() {
    this.#more.addEventListener('click', () => this.#loadMore());
  }

  /** Loads as much as was shown before, from the start. */
  load(): void {
    attempt(async () => {
      const limit = Math.min(LARGEST_PAGE, Math.max(PAGE_SIZE, this.#documents.length));
      const { items, nextCursor, total } = await api.documents(limit, null);
      this.#show(items, nextCursor, total);
    });
  }

  /** The library has changed: reloads after a pause in the changes. */
  changed(): void {
    if (this.#isReloading) return;
    this.#isReloading = true;
    window.setTimeout(() => {
      this.#isReloading = false;
      this.load();
    }, SETTLE_MS);
  }

  #loadMore(): void {
    attempt(async () => {
      const { items, nextCursor, total } = await api.documents(PAGE_SIZE, this.#nextCursor);
      this.#show([...this.#documents, ...items], nextCursor, total);
    });
  }

  #show(documents: readonly LibraryDocument[], nextCursor: string | null, total: number): void {
    this.#documents = [...new Map(documents.map((document) => [document.documentId, document])).values()];
    this.#nextCursor = nextCursor;
    this.#list.show(this.#documents);
    this.#more.hidden = nextCursor === null;
    byId('library-total', HTMLParagraphElement).textContent =
      total === 0 ? 'The library is empty. Put files into its folder.' : `${count(total, 'document')}, newest first.`;
  }
}

function drawDocument({ documentId, name, sizeBytes, mediaType, addedAtMs, locations }: LibraryDocument): HTMLElement {
  return element(
    'li',
    { class: 'card' },
    coverOf(documentId, mediaType),
    element('h3', {}, element('a', { href: contentUrl(documentId), 'data-focus': documentId }, name)),
    element(
      'p',
      { class: 'meta' },
      element('span', {}, typeName(mediaType)),
      element('span', {}, formatBytes(sizeBytes)),
      element('span', {}, `added ${new Date(addedAtMs).toLocaleString()}`),
      locations.length > 1 ? element('span', {}, count(locations.length, 'copy').replace('copys', 'copies')) : null,
    ),
  );
}
