import type { Readable } from 'node:stream';
import { callCarrier } from '@allibrary/carrier';
import { RequestFailure, describeError } from '@allibrary/messaging';
import type { ByteRange } from './byte-range.ts';

const ACCEPT_LIMIT_MS = 5_000;

/** Address at which transfer serves document bytes. */
export interface TransferAddress {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

/** Reads the bytes of documents from transfer, the only service that can open them. */
export class ContentSource {
  constructor(private readonly transfer: TransferAddress) {}

  /** Opens a part of a document. The caller must destroy the stream. */
  async open(documentId: string, range: ByteRange, signal: AbortSignal): Promise<Readable> {
    const header = { kind: 'content', documentId, ...range } as const;
    try {
      return await callCarrier({ ...this.transfer, header, timeoutMs: ACCEPT_LIMIT_MS, signal });
    } catch (error) {
      const message = `transfer cannot send the document now (${describeError(error)}). Try again in a few seconds.`;
      throw new RequestFailure('unavailable', message, { cause: error });
    }
  }
}
