import type { Metrics } from '@allibrary/platform';
import type { CurrentAuditSettings } from './current-audit-settings.ts';
import type { DamageStore } from './damage-store.ts';

const DAY_MS = 86_400_000;
const DONORS = ['copy', 'peer'] as const;
const SERVED = ['right', 'wrong'] as const;

/** Where a right piece for a damaged one came from: another file of this node, or a peer. */
export type PieceDonor = (typeof DONORS)[number];

/** What is counted while files are verified and repaired. */
export class IntegrityMetrics {
  readonly #read;
  readonly #repaired;
  readonly #checked;

  constructor(metrics: Metrics) {
    this.#read = metrics.counter({ name: 'allibrary_audited_bytes_total', help: 'Bytes that the audit has read.' });
    this.#repaired = metrics.counter({
      name: 'allibrary_repaired_pieces_total',
      help: 'Damaged pieces that were replaced by right ones, by where these came from.',
      labelNames: ['donor'],
    });
    for (const donor of DONORS) this.#repaired.inc({ donor }, 0);
    this.#checked = metrics.counter({
      name: 'allibrary_checked_pieces_total',
      help: 'Pieces that were verified on their way to a peer, by what came of it.',
      labelNames: ['result'],
    });
    for (const result of SERVED) this.#checked.inc({ result }, 0);
  }

  /** Counts bytes that the audit has read. */
  readonly audited = (bytes: number): void => this.#read.inc(bytes);

  /** A damaged piece is right again. */
  readonly repaired = (donor: PieceDonor): void => this.#repaired.inc({ donor });

  /** A piece was verified before it was served. */
  readonly checked = (isRight: boolean): void => this.#checked.inc({ result: isRight ? 'right' : 'wrong' });
}

/** Shows how the files stand: how many are damaged, and how far the audit is behind. */
export function observeFixity(
  metrics: Metrics,
  store: DamageStore,
  settings: CurrentAuditSettings,
  now: () => number,
): void {
  metrics.gauge({
    name: 'allibrary_audited_files',
    help: 'Files by whether their verification is due, as the settings of the audit say.',
    labelNames: ['state'],
    collect() {
      const { files, overdue, damaged: damagedFiles } = store.counts(now() - settings.value.everyDays * DAY_MS);
      this.set({ state: 'verified' }, files - overdue);
      this.set({ state: 'due' }, overdue);
      damaged.set(damagedFiles);
    },
  });
  const damaged = metrics.gauge({
    name: 'allibrary_damaged_files',
    help: 'Files with pieces that are damaged and not repaired yet.',
  });
  metrics.gauge({
    name: 'allibrary_oldest_audit_age_seconds',
    help: 'For how long a file was not looked at, the longest of all; 0 when the audit is off, or there is no file.',
    collect() {
      const oldestMs = settings.value.enabled ? store.oldestLookMs() : null;
      this.set(oldestMs === null ? 0 : Math.max(0, now() - oldestMs) / 1_000);
    },
  });
  metrics.gauge({
    name: 'allibrary_audit_interval_seconds',
    help: 'How old a verification may become, as the settings of the audit say.',
    collect() {
      this.set((settings.value.everyDays * DAY_MS) / 1_000);
    },
  });
}
