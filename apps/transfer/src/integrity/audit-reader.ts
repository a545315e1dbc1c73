import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { pieceCount } from '@allibrary/core';
import type { FileRecord } from '../catalog/catalog.ts';
import { Condition } from '../fetching/condition.ts';
import type { CurrentAuditSettings } from './current-audit-settings.ts';
import type { DirectFile } from './repair/direct-file.ts';
import type { DocumentDigests } from './document-digests.ts';

/** How often the settings are checked while the audit is switched off. */
const LOOK_EVERY_MS = 60_000;

/** Result of reading a whole file. */
export interface Reading {
  readonly damaged: readonly number[];
  readonly sha256: string;
}

/** Reads whole files within the audit's bandwidth, and compares their pieces with the manifest. */
export class AuditReader {
  readonly #condition = new Condition();
  #nextReadAtMs = 0;

  constructor(
    private readonly digests: DocumentDigests,
    private readonly settings: CurrentAuditSettings,
    private readonly onRead: (bytes: number) => void,
  ) {}

  /** Must be called when the settings have changed. */
  wake(): void {
    this.#condition.notify();
  }

  /** Reads all pieces of a file; rejects when the signal aborts. */
  async read(file: FileRecord, open: DirectFile, signal: AbortSignal): Promise<Reading> {
    const whole = createHash('sha256');
    const damaged: number[] = [];
    for (let index = 0; index < pieceCount(file.sizeBytes); index++) {
      await this.#waitForTurn(signal);
      const bytes = await open.piece(index).catch(asDamage);
      if (!this.digests.matches(file.documentId, index, bytes)) damaged.push(index);
      whole.update(bytes);
      this.onRead(bytes.length);
      this.#nextReadAtMs += (bytes.length * 1_000) / this.settings.value.bytesPerSecond;
    }
    return { damaged, sha256: whole.digest('hex') };
  }

  /** Waits until the next piece fits into the audit's bandwidth, and while the audit is switched off. */
  async #waitForTurn(signal: AbortSignal): Promise<void> {
    while (!this.settings.value.enabled && !signal.aborted) await this.#condition.wait(LOOK_EVERY_MS, signal);
    signal.throwIfAborted();
    const nowMs = performance.now();
    this.#nextReadAtMs = Math.max(this.#nextReadAtMs, nowMs);
    await delay(this.#nextReadAtMs - nowMs, undefined, { signal });
  }
}

/** Bytes that the disk cannot read are as good as wrong ones; any other error reveals nothing about the bytes. */
function asDamage(error: unknown): Buffer {
  if ((error as NodeJS.ErrnoException).code === 'EIO') return Buffer.alloc(0);
  throw error;
}
