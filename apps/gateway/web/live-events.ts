import type { Download } from '@allibrary/contracts';
import { eventsUrl } from './api.ts';

/** What the page does about the events of the node. */
export interface LiveListeners {
  /** Now, and after each gap: what happened meanwhile was missed. */
  readonly onOpen: () => void;
  readonly onDownloads: (downloads: readonly Download[]) => void;
  readonly onLibrary: () => void;
  readonly onNetwork: () => void;
  readonly onCollection: () => void;
  /** The node refused the stream: the session may have ended. */
  readonly onRefused: () => void;
}

/** Listens to the node; the browser comes back by itself when the connection breaks. */
export function listen(listeners: LiveListeners): EventSource {
  const source = new EventSource(eventsUrl);
  source.addEventListener('open', listeners.onOpen);
  source.addEventListener('downloads', (event: MessageEvent<string>) =>
    listeners.onDownloads((JSON.parse(event.data) as { items: Download[] }).items),
  );
  for (const type of ['document.added', 'document.removed']) source.addEventListener(type, listeners.onLibrary);
  source.addEventListener('network', listeners.onNetwork);
  source.addEventListener('collection', listeners.onCollection);
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) listeners.onRefused();
  });
  return source;
}
