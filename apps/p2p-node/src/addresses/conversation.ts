import { AsyncLocalStorage } from 'node:async_hooks';
import type { Connection, Stream, StreamHandler } from '@libp2p/interface';
import type { Registrar } from '@libp2p/interface-internal';
import type { AddressScope } from './address-scope.ts';
import type { DialableAddresses } from './dialable-addresses.ts';

/**
 * How far away the peer is that a handler of libp2p is talking to. Identify and the DHT ask for their own addresses, and
 * store those of others, without naming the connection: this carries it there.
 */
export class Conversation {
  readonly #scope = new AsyncLocalStorage<AddressScope>();

  constructor(readonly addresses: DialableAddresses) {}

  /** Scope of the peer that is being talked to; undefined outside of a conversation. */
  get scope(): AddressScope | undefined {
    return this.#scope.getStore();
  }

  with<T>({ remoteAddr }: Connection, talk: () => T): T {
    return this.#scope.run(this.addresses.scopeOfPeer(remoteAddr), talk);
  }

  /** A registrar whose handlers run inside the conversation with their peer. */
  registrar(registrar: Registrar): Registrar {
    const handle: Registrar['handle'] = (protocol, handler, options) =>
      registrar.handle(protocol, this.#handler(handler), options);
    return Object.create(registrar, { handle: { value: handle } }) as Registrar;
  }

  #handler(handler: StreamHandler): StreamHandler {
    return (stream: Stream, connection: Connection) => this.with(connection, () => handler(stream, connection));
  }
}
