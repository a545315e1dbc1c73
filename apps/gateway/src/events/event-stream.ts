import type { Response } from 'express';
import { HEARTBEAT, serverSentEvent } from './server-sent-event.ts';

/** Bytes that may be buffered for a slow client. */
const BUFFER_LIMIT_BYTES = 256 * 1024;
/** Time that such a client has to read the reason. */
const FINAL_EVENT_MS = 5_000;

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

  /** Sends an event. A client that does not keep up is dropped: its backlog would grow without bound. */
  send(type: string, data: unknown): void {
    if (this.response.writableLength > BUFFER_LIMIT_BYTES)
      this.end('dropped', { reason: 'the client reads too slowly' });
    else this.#write(serverSentEvent(type, data));
  }

  /** Keeps an idle stream open. */
  heartbeat(): void {
    if (this.response.writableLength === 0) this.#write(HEARTBEAT);
  }

  /** Sends a final event and ends the stream. */
  end(type: string, data: unknown): void {
    if (this.response.writableEnded) return;
    this.response.end(serverSentEvent(type, data));
    const giveUp = setTimeout(() => this.response.destroy(), FINAL_EVENT_MS);
    this.response.once('close', () => clearTimeout(giveUp));
  }

  /** Calls back when the client has disconnected. */
  onClose(callback: () => void): void {
    this.response.once('close', callback);
  }

  #write(text: string): void {
    if (!this.response.writableEnded && !this.response.destroyed) this.response.write(text);
  }
}
