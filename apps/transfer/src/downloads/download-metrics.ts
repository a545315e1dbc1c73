import { DownloadState } from '@allibrary/contracts';
import type { Metrics } from '@allibrary/platform';
import type { DownloadQueue } from './running/download-queue.ts';
import type { DownloadStore } from './download-store.ts';

/** Shows how many downloads there are in each state, and how many this process works on. */
export function observeDownloads(metrics: Metrics, store: DownloadStore, queue: DownloadQueue): void {
  metrics.gauge({
    name: 'allibrary_downloads',
    help: 'Downloads of this node in each state.',
    labelNames: ['state'],
    collect() {
      const counts = store.counts();
      for (const state of DownloadState.options) this.set({ state }, counts[state]);
    },
  });
  metrics.gauge({
    name: 'allibrary_running_downloads',
    help: 'Downloads that this process works on.',
    collect() {
      this.set(queue.size);
    },
  });
}
