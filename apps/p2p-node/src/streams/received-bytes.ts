import type { MessageStream } from '@libp2p/interface';
import { AbstractMessageStream } from '@libp2p/utils';

/**
 * Calls `accepts` with the number of bytes of each chunk that a stream receives; bytes that it does not accept are
 * dropped. libp2p's `message` event cannot be used: the first listener, even one that only counts, gets the bytes that
 * wait for the protocol's own listener.
 */
export function watchReceivedBytes(stream: MessageStream, accepts: (bytes: number) => boolean): void {
  if (!(stream instanceof AbstractMessageStream)) return; // all streams of libp2p are
  const onData = stream.onData.bind(stream);
  stream.onData = (data) => {
    if (accepts(data.byteLength)) onData(data);
  };
}
