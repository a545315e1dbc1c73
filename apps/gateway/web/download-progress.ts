import type { Download } from '@allibrary/contracts';
import { element } from './element.ts';
import { count, formatBytes } from './format.ts';

const STATES: Readonly<Record<Download['state'], string>> = {
  queued: 'Waiting',
  active: 'Downloading',
  paused: 'Paused',
  completed: 'Complete',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** One line about the progress of a download. */
export function progressLine({ state, bytesDone, sizeBytes, sources, reason }: Download): HTMLElement {
  const amount = sizeBytes === null ? formatBytes(bytesDone) : `${formatBytes(bytesDone)} of ${formatBytes(sizeBytes)}`;
  const givers = sources.filter(({ bytes }) => bytes > 0).length;
  return element(
    'p',
    { class: 'meta' },
    element('span', { class: state === 'failed' ? 'bad' : 'good' }, STATES[state]),
    sizeBytes === null && bytesDone === 0 ? null : element('span', {}, amount),
    givers > 0 ? element('span', {}, `from ${count(givers, 'source')}`) : null,
    reason === null ? null : element('span', {}, reason),
  );
}

/** The bar of a download; it shows that it does not know its end while the size is unknown. */
export function progressBar({ name, bytesDone, sizeBytes }: Download): HTMLElement {
  const label = { 'aria-label': `Progress of ${name}` };
  if (sizeBytes === null) return element('progress', label);
  return element('progress', { ...label, max: Math.max(1, sizeBytes), value: sizeBytes === 0 ? 1 : bytesDone });
}
