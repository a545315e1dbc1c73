import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, TLSSocket, connect } from 'node:tls';
import {
  type ConnectionEncrypter,
  type MessageStream,
  type PrivateKey,
  type SecureConnectionOptions,
  type SecuredConnection,
  serviceCapabilities,
  type StreamMuxerFactory,
  type Upgrader,
} from '@libp2p/interface';
import { toMessageStream, toNodeDuplex } from '@libp2p/tls/utils';
import { createCertificate, verifyCertificate } from './certificate.ts';

const PROTOCOL = '/tls/1.0.0';
/** Chosen when the two sides share no muxer: it is then negotiated inside the connection. */
const NO_MUXER = 'libp2p';

interface TlsComponents {
  readonly privateKey: PrivateKey;
  readonly upgrader: Upgrader;
}

/** TLS 1.3 of libp2p (specs, tls/tls.md), as in @libp2p/tls, with certificates that hold whatever the clocks show. */
export const timelessTls =
  () =>
  (components: TlsComponents): ConnectionEncrypter =>
    new TimelessTls(components);

class TimelessTls implements ConnectionEncrypter {
  readonly protocol = PROTOCOL;
  readonly [serviceCapabilities] = ['@libp2p/connection-encryption'];

  constructor(private readonly components: TlsComponents) {}

  async secureInbound(stream: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    const duplex = duplexOf(stream);
    const settings = await this.#settings(duplex, options);
    const socket = new TLSSocket(duplex, { ...settings, isServer: true, requestCert: true });
    return this.#secure(stream, duplex, socket, options);
  }

  async secureOutbound(stream: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    const duplex = duplexOf(stream);
    const settings = await this.#settings(duplex, options);
    return this.#secure(stream, duplex, connect({ ...settings, socket: duplex }), options);
  }

  /** Throws when the connection breaks while the certificate is created. */
  async #settings(duplex: Duplex, options: SecureConnectionOptions): Promise<ConnectionOptions> {
    const muxers = options.skipStreamMuxerNegotiation ? [] : [...this.components.upgrader.getStreamMuxers().keys()];
    const certificate = await createCertificate(this.components.privateKey, options);
    if (duplex.destroyed) throw duplex.errored ?? new Error('The connection was closed before the TLS handshake.');
    return {
      ...certificate,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      rejectUnauthorized: false, // certificates are self-signed; the peer is verified below
      ALPNProtocols: [...muxers, NO_MUXER],
    };
  }

  async #secure(stream: MessageStream, duplex: Duplex, socket: TLSSocket, options: SecureConnectionOptions) {
    const ended = new AbortController();
    duplex.on('error', (error) => socket.destroy(error));
    socket.on('error', (error) => ended.abort(error));
    socket.once('close', () => ended.abort(new Error('The connection was closed during the TLS handshake.')));
    const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
    try {
      await once(socket, 'secure', { signal });
      const remotePeer = await verifyCertificate(socket.getPeerCertificate().raw, options.remotePeer);
      signal.throwIfAborted();
      const streamMuxer = this.#muxerOf(socket);
      return { remotePeer, connection: toMessageStream(stream, socket), ...(streamMuxer && { streamMuxer }) };
    } catch (error) {
      socket.destroy();
      stream.abort(error as Error);
      throw signal.aborted ? signal.reason : error;
    }
  }

  #muxerOf({ alpnProtocol }: TLSSocket): StreamMuxerFactory | undefined {
    return typeof alpnProtocol === 'string' && alpnProtocol !== NO_MUXER
      ? this.components.upgrader.getStreamMuxers().get(alpnProtocol)
      : undefined;
  }
}

/** A peer may reset the connection at any moment: an error event without a listener would end the process. */
function duplexOf(stream: MessageStream): Duplex {
  const duplex = toNodeDuplex(stream);
  duplex.on('error', () => {}); // whoever uses the duplex sees its end
  return duplex;
}
