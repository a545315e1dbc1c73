import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { refuse } from './exchange.ts';

/** How many streams of one protocol are served at once. */
export interface StreamBounds {
  readonly perPeer: number;
  readonly inTotal: number;
}

/** What serves one stream, to its end. */
export type StreamService = (stream: Stream, connection: Connection) => Promise<void>;

/** Serves a protocol within bounds: a stream beyond them is refused, and a failing one harms no other. */
export async function serveBounded(
  host: Pick<Libp2p, 'handle'>,
  protocol: string,
  { perPeer, inTotal }: StreamBounds,
  serve: StreamService,
  onFailure: (peerId: string, error: unknown) => void,
): Promise<void> {
  let open = 0;
  const onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    if (open >= inTotal) return refuse(stream, 'busy');
    open += 1;
    try {
      await serve(stream, connection);
    } catch (error) {
      onFailure(connection.remotePeer.toString(), error);
    } finally {
      open -= 1;
    }
  };
  await host.handle(protocol, onStream, { maxInboundStreams: perPeer, maxOutboundStreams: perPeer });
}
