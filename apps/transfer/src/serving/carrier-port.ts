import { type CarrierListener, type IncomingCall, listenCarrier } from '@allibrary/carrier';
import { PIECES_PROTOCOL } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Catalog } from '../catalog/catalog.ts';
import { serveContent } from './content-server.ts';
import type { BufferPool } from '../wire/buffer-pool.ts';
import type { OfferedDocuments } from './offered-documents.ts';
import { servePieces } from './piece-server.ts';
import type { SharedDocuments } from './shared-documents.ts';
import type { Traffic } from '../limits/traffic/traffic.ts';

/** Where calls come in, and the token that they must have. */
export interface CarrierEndpoint {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

/** What the port serves. */
export interface ServedContent {
  readonly catalog: Catalog;
  /** What the node's own users may read. */
  readonly documents: SharedDocuments;
  /** What peers may have. */
  readonly offered: OfferedDocuments;
  readonly pool: BufferPool;
  readonly traffic: Traffic;
}

/** Opens the port on which p2p-node brings peers, and gateway asks for content. */
export function openCarrierPort(
  { host, port, token }: CarrierEndpoint,
  content: ServedContent,
  logger: Logger,
): Promise<CarrierListener> {
  return listenCarrier({
    host,
    port,
    token,
    onCall: (call) => serveCall(call, content),
    onFailure: (error) => logger.warn({ error: describeError(error) }, 'byte stream between two services failed'),
  });
}

async function serveCall(call: IncomingCall, content: ServedContent): Promise<void> {
  const { catalog, documents, offered, pool, traffic } = content;
  const { header, stream } = call;
  switch (header.kind) {
    case 'peer':
      if (header.protocol !== PIECES_PROTOCOL) return call.refuse(`${header.protocol} is not spoken here`);
      call.accept();
      return servePieces(stream, {
        ...{ offered, pool, peerId: header.peerId },
        onSent: (bytes) => traffic.count('sent', bytes),
      });
    case 'content':
      if (!catalog.document(header.documentId)) return call.refuse('this document is not here');
      call.accept();
      return serveContent(stream, documents, header);
  }
}
