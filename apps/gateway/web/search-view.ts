import type { Download } from '@allibrary/contracts';
import { type Coverage, type SearchResult, type SearchResults, contentUrl, searchUrl } from './api.ts';
import { coverOf } from './cover.ts';
import { progressBar, progressLine } from './download-progress.ts';
import { type DownloadStore, isRunning } from './download-store.ts';
import { button, byId, element, notify } from './element.ts';
import { count, formatBytes, typeName } from './format.ts';
import { KeyedList } from './keyed-list.ts';
import { SearchFilters } from './search-filters.ts';

/** Searches this node and its peers at once, and shows what comes as it comes. */
export function setUpSearch(store: DownloadStore): void {
  const text = byId('search-text', HTMLInputElement);
  const list = new KeyedList<SearchResult, Download | null>({
    list: byId('search-results', HTMLOListElement),
    keyOf: ({ documentId }) => documentId,
    contextOf: ({ documentId }) => store.ofDocument(documentId),
    draw: (result, download) => drawResult(result, download, store),
  });
  const start = () => search.start(text.value.trim(), filters.parameters);
  const filters = new SearchFilters(start);
  const search = new RunningSearch(({ results, suggestion, facets }) => {
    list.show(results);
    if (facets) filters.offer(facets);
    suggest(suggestion, (meant) => {
      text.value = meant;
      start();
    });
  });
  store.onChange(() => list.show(search.found.results));
  byId('search-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    start();
  });
}

const NOTHING: SearchResults = {
  ...{ results: [], suggestion: null, facets: null },
  total: { documents: 0, isAtLeast: false },
};
const NOBODY: Coverage = { asked: 0, answered: 0, missing: [], cachedAtMs: null, unavailable: [] };

class RunningSearch {
  found = NOTHING;
  #source: EventSource | null = null;
  #coverage = NOBODY;

  constructor(private readonly show: (found: SearchResults) => void) {}

  /** Searches for something new; the search before it is left. */
  start(text: string, narrowing: Readonly<Record<string, string>>): void {
    this.#source?.close();
    if (text === '') return;
    this.#coverage = NOBODY;
    this.#take(NOTHING);
    const source = new EventSource(searchUrl(text, narrowing));
    this.#source = source;
    const on = <T>(type: string, take: (data: T) => void) =>
      source.addEventListener(type, (event: MessageEvent<string>) => take(JSON.parse(event.data) as T));
    on<SearchResults>('results', (found) => this.#take(found));
    on<Coverage>('coverage', (coverage) => {
      this.#coverage = coverage;
      this.#describe(true);
    });
    on('done', () => this.#end(null));
    on<{ error: { message: string } }>('failed', ({ error }) => this.#end(error.message));
    source.addEventListener('error', () => this.#end('The search broke off: the node does not answer.'));
    this.#describe(true);
  }

  #end(problem: string | null): void {
    this.#source?.close(); // an EventSource would ask the same again
    this.#describe(false);
    if (problem !== null) notify(problem);
  }

  #take(found: SearchResults): void {
    this.found = found;
    this.show(found);
  }

  #describe(isRunning: boolean): void {
    const { asked, answered, cachedAtMs, unavailable } = this.#coverage;
    const { documents, isAtLeast } = this.found.total;
    const found = isRunning ? 'Searching…' : `${isAtLeast ? 'At least ' : ''}${count(documents, 'document')} found.`;
    const when = cachedAtMs === null ? '' : ` at ${new Date(cachedAtMs).toLocaleTimeString()}`;
    const reach = asked === 0 ? 'No peer was asked.' : `${answered} of ${count(asked, 'peer')} answered${when}.`;
    const away = unavailable.map((part) => (part === 'local' ? 'The own index' : 'The network'));
    const gap = away.length === 0 ? '' : ` ${away.join(' and ')} could not be searched.`;
    byId('search-coverage', HTMLParagraphElement).textContent =
      `${found} ${isRunning && asked === 0 ? '' : reach}${gap}`;
  }
}

/** Offers the question as it was probably meant. */
function suggest(suggestion: string | null, accept: (meant: string) => void): void {
  const line = byId('search-suggestion', HTMLParagraphElement);
  line.hidden = suggestion === null;
  if (suggestion === null) return line.replaceChildren();
  const meant = button(suggestion, 'suggestion', () => accept(suggestion), { class: 'link' });
  line.replaceChildren('Did you mean ', meant, '?');
}

function drawResult(result: SearchResult, download: Download | null, store: DownloadStore): HTMLElement {
  const { documentId, name, sizeBytes, mediaType, local, sources, snippet, highlights, place } = result;
  const { title, creators, year } = result;
  const heading = title ?? name;
  const isHere = local || download?.state === 'completed';
  return element(
    'li',
    { class: 'card' },
    isHere ? coverOf(documentId, mediaType) : null,
    element('h3', {}, isHere ? element('a', { href: contentUrl(documentId) }, heading) : heading),
    element(
      'p',
      { class: 'meta' },
      creators.length > 0 ? element('span', {}, creators.join(', ')) : null,
      year === null ? null : element('span', {}, String(year)),
      title === null ? null : element('span', {}, name),
      element('span', {}, typeName(mediaType)),
      element('span', {}, formatBytes(sizeBytes)),
      isHere ? element('span', { class: 'good' }, 'In this library') : null,
      sources.length > 0 ? element('span', {}, `Available from ${count(sources.length, 'source')}`) : null,
    ),
    snippet === null ? null : element('p', { class: 'snippet' }, placeName(place), ...marked(snippet, highlights)),
    download === null || isHere ? null : progressLine(download),
    download !== null && isRunning(download) ? progressBar(download) : null,
    element('div', { class: 'actions' }, action(result, isHere, download, store)),
  );
}

/** A snippet with its highlights marked; a peer's may be anywhere, so those that are out of order are passed over. */
function marked(snippet: string, highlights: SearchResult['highlights']): (string | HTMLElement)[] {
  const parts: (string | HTMLElement)[] = [];
  let end = 0;
  for (const { at, length } of highlights) {
    if (at < end || at + length > snippet.length) continue;
    parts.push(snippet.slice(end, at), element('mark', {}, snippet.slice(at, at + length)));
    end = at + length;
  }
  return [...parts, snippet.slice(end)];
}

/** Where a snippet stands, before it; null when that is not known. */
function placeName(place: SearchResult['place']): HTMLElement | null {
  const parts = [place?.page ? `Page ${place.page}` : null, place?.chapter ?? null].filter((part) => part !== null);
  return parts.length === 0 ? null : element('span', { class: 'place' }, parts.join(' · '));
}

function action(
  { documentId, name }: SearchResult,
  isHere: boolean,
  download: Download | null,
  store: DownloadStore,
): HTMLElement {
  const focusKey = `${documentId}:action`;
  if (isHere)
    return element(
      'a',
      { class: 'button', href: contentUrl(documentId), 'data-focus': focusKey, 'aria-label': `Open ${name}` },
      'Open',
    );
  if (download !== null && isRunning(download))
    return button('Cancel', focusKey, () => store.remove(download), {
      'aria-label': `Cancel the download of ${name}`,
    });
  const start = () => store.start(documentId);
  return button('Download', focusKey, start, { class: 'primary', 'aria-label': `Download ${name}` });
}
