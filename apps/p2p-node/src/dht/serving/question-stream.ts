import type { Stream } from '@libp2p/interface';
import { AbstractStream } from '@libp2p/utils';
import { Uint8ArrayList } from 'uint8arraylist';

/**
 * A stream that holds one question and collects the answer. kad-dht's handler reads it instead of the real stream, which
 * this node reads within its own bounds.
 */
export class QuestionStream extends AbstractStream {
  readonly answer = new Uint8ArrayList();

  /** Holds a frame with its length before it. */
  constructor({ id, log, protocol }: Stream, frame: Uint8ArrayList) {
    super({ id, log, protocol, direction: 'inbound' });
    this.onData(frame);
    this.onRemoteCloseWrite();
  }

  override sendData(data: Uint8ArrayList): { sentBytes: number; canSendMore: boolean } {
    this.answer.append(data);
    return { sentBytes: data.byteLength, canSendMore: true };
  }

  override sendReset(): void {}
  override sendPause(): void {}
  override sendResume(): void {}
  override async sendCloseWrite(): Promise<void> {}
  override async sendCloseRead(): Promise<void> {}
}
