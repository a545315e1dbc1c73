import type { Download, DownloadPriority } from '@allibrary/contracts';
import { contentUrl } from './api.ts';
import { progressBar, progressLine } from './download-progress.ts';
import { type DownloadStore, isRunning } from './download-store.ts';
import { button, byId, element } from './element.ts';
import { KeyedList } from './keyed-list.ts';

const PRIORITIES: readonly [DownloadPriority, string][] = [
  ['low', 'Low priority'],
  ['normal', 'Normal priority'],
  ['high', 'High priority'],
];

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
  const { documentId, name, state } = download;
  return element(
    'li',
    { class: 'card' },
    element('h3', {}, state === 'completed' ? element('a', { href: contentUrl(documentId) }, name) : name),
    progressLine(download),
    isRunning(download) ? progressBar(download) : null,
    element('div', { class: 'actions' }, ...actions(download, store)),
  );
}

/** What can be done with a download as it stands. */
function actions(download: Download, store: DownloadStore): (HTMLElement | null)[] {
  const { id, name, state, cause } = download;
  const act = (label: string, key: string, onClick: () => void) =>
    button(label, `${id}:${key}`, onClick, { 'aria-label': `${label}: ${name}` });
  const steer = (label: string, command: 'pause' | 'resume' | 'retry') =>
    act(label, command, () => store.steer(id, command));
  const isPausedByUser = state === 'paused' && cause === 'user';
  const isStuck = cause === 'disk' || cause === 'no-source' || cause === 'missing-pieces';
  const canRetry = isStuck || ['failed', 'cancelled'].includes(state);
  return [
    isRunning(download) ? prioritySelect(download, store) : null,
    canRetry ? steer('Retry', 'retry') : null,
    isRunning(download) ? (isPausedByUser ? steer('Resume', 'resume') : steer('Pause', 'pause')) : null,
    act(isRunning(download) ? 'Cancel' : 'Remove from list', 'end', () => store.remove(download)),
  ];
}

function prioritySelect({ id, name, priority }: Download, store: DownloadStore): HTMLSelectElement {
  const select = element('select', { 'data-focus': `${id}:priority`, 'aria-label': `Priority of ${name}` });
  for (const [value, label] of PRIORITIES)
    select.append(element('option', { value, selected: value === priority }, label));
  select.addEventListener('change', () => store.prioritise(id, select.value as DownloadPriority));
  return select;
}
