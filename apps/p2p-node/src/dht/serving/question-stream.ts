import type { Stream } from '@libp2p/interface';
import { AbstractStream } from '@libp2p/utils';
import type { Uint8ArrayList } from 'uint8arraylist';

/**
 * A stream that asks kad-dht's handler one question after the other. The handler reads it instead of the real stream, which
 * this node reads within its own bounds. It serves all questions of a real stream: what the handler sets up for a stream
 * stays in memory for ten seconds after its end.
 */
export class QuestionStream extends AbstractStream {
  #answer = Promise.withResolvers<Uint8ArrayList>();

  constructor({ id, log, protocol }: Stream) {
    super({ id, log, protocol, direction: 'inbound' });
  }

  /** Asks a question, with its length before it, and resolves to the answer; rejects when the handler aborts the stream. */
  ask(frame: Uint8ArrayList): Promise<Uint8ArrayList> {
    this.#answer = Promise.withResolvers();
    this.onData(frame);
    return this.#answer.promise;
  }

  /** Ends the stream: no question follows. */
  end(): void {
    this.onRemoteCloseWrite();
  }

  override sendData(data: Uint8ArrayList): { sentBytes: number; canSendMore: boolean } {
    this.#answer.resolve(data);
    return { sentBytes: data.byteLength, canSendMore: true };
  }

  override sendReset(cause: Error): void {
    this.#answer.promise.catch(() => {}); // between two questions nobody waits
    this.#answer.reject(new Error('question not answered', { cause }));
  }

  override sendPause(): void {}
  override sendResume(): void {}
  override async sendCloseWrite(): Promise<void> {}
  override async sendCloseRead(): Promise<void> {}
}
