import type { Response } from 'express';
import { HEARTBEAT, serverSentEvent } from './server-sent-event.ts';

/** What may wait for a client that reads slowly. */
const BUFFER_LIMIT_BYTES = 256 * 1024;
/** How long such a client has to read why it was dropped. */
const LAST_WORDS_MS = 5_000;

/** One client's stream of server-sent events. */
export class EventStream {
  constructor(private readonly response: Response) {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
  }

  /** Sends an event; a client that does not keep up is dropped, for its backlog would grow without end. */
  send(type: string, data: unknown): void {
    if (this.response.writableLength > BUFFER_LIMIT_BYTES)
      this.end('dropped', { reason: 'the client reads too slowly' });
    else this.#write(serverSentEvent(type, data));
  }

  /** Shows that the stream is alive. */
  heartbeat(): void {
    if (this.response.writableLength === 0) this.#write(HEARTBEAT);
  }

  /** Sends the last event, and ends. */
  end(type: string, data: unknown): void {
    if (this.response.writableEnded) return;
    this.response.end(serverSentEvent(type, data));
    const giveUp = setTimeout(() => this.response.destroy(), LAST_WORDS_MS);
    this.response.once('close', () => clearTimeout(giveUp));
  }

  /** Calls back when the client is gone. */
  onClose(callback: () => void): void {
    this.response.once('close', callback);
  }

  #write(text: string): void {
    if (!this.response.writableEnded && !this.response.destroyed) this.response.write(text);
  }
}
