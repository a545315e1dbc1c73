import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const LIMIT_BYTES = 10 * 1_048_576;

/** A log that is bounded: when it is full it becomes the old one, and the one before that is gone. */
export class LogFile {
  readonly #path: string;
  readonly #limitBytes: number;
  #sizeBytes: number;

  constructor(path: string, limitBytes = LIMIT_BYTES) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#path = path;
    this.#limitBytes = limitBytes;
    this.#sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Appends a line. */
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes.length > this.#limitBytes) this.#rotate();
    appendFileSync(this.#path, bytes, { mode: 0o600 });
    this.#sizeBytes += bytes.length;
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.old`);
    this.#sizeBytes = 0;
  }
}
