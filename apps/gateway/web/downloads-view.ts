import type { Download } from '@allibrary/contracts';
import { contentUrl } from './api.ts';
import { progressBar, progressLine } from './download-progress.ts';
import { type DownloadStore, isRunning } from './download-store.ts';
import { button, byId, element } from './element.ts';
import { KeyedList } from './keyed-list.ts';

/** Shows the downloads, and how many are on their way beside the view's name. */
export function setUpDownloads(store: DownloadStore): void {
  const list = new KeyedList<Download>({
    list: byId('download-list', HTMLUListElement),
    keyOf: ({ id }) => id,
    contextOf: () => null,
    draw: (download) => drawDownload(download, store),
  });
  store.onChange(() => {
    list.show(store.all);
    byId('downloads-empty', HTMLParagraphElement).hidden = store.all.length > 0;
    showBadge(store.running);
  });
}

function showBadge(running: number): void {
  const badge = byId('download-badge', HTMLSpanElement);
  badge.textContent = String(running);
  badge.hidden = running === 0;
}

function drawDownload(download: Download, store: DownloadStore): HTMLElement {
  const { id, documentId, name, state } = download;
  const cancel = () => store.cancel(id);
  const label = isRunning(download) ? 'Cancel' : 'Remove from list';
  return element(
    'li',
    { class: 'card' },
    element('h3', {}, state === 'completed' ? element('a', { href: contentUrl(documentId) }, name) : name),
    progressLine(download),
    isRunning(download) ? progressBar(download) : null,
    element('div', { class: 'actions' }, button(label, `${id}:end`, cancel, { 'aria-label': `${label}: ${name}` })),
  );
}
