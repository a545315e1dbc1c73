import type { Metrics } from '@allibrary/platform';
import type { DamageStore } from './damage-store.ts';

/** Shows how many files are damaged; answers the counter of what the audit reads. */
export function observeIntegrity(metrics: Metrics, store: DamageStore): (bytes: number) => void {
  metrics.gauge({
    name: 'allibrary_damaged_files',
    help: 'Files with pieces that are damaged and not repaired yet.',
    collect() {
      this.set(store.files().length);
    },
  });
  const read = metrics.counter({ name: 'allibrary_audited_bytes_total', help: 'Bytes that the audit has read.' });
  return (bytes) => read.inc(bytes);
}
