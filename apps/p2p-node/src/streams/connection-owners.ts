import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface';
import { isMultiaddr, type Multiaddr } from '@multiformats/multiaddr';
import { subnetKeyOf } from '../gate/limit-keys.ts';

/** The peer at the other end of a connection, and its subnet. */
export interface Owner {
  readonly peerId: string;
  readonly subnet: string;
}

type Create<C> = (components: C) => ConnectionEncrypter;

/** Records the peer at the other end of each encrypted connection: libp2p gives a multiplexer the bare connection. */
export class ConnectionOwners {
  readonly #owners = new WeakMap<MessageStream, Owner>();

  /** An encrypter that records the peers that it has verified. */
  encrypter<C>(create: Create<C>): Create<C> {
    return (components) => {
      const encrypter = create(components);
      const record = (stream: MessageStream, secured: SecuredConnection): SecuredConnection => {
        const peerId = secured.remotePeer.toString();
        this.#owners.set(secured.connection, { peerId, subnet: subnetOfStream(stream) ?? peerId });
        return secured;
      };
      const secureInbound: ConnectionEncrypter['secureInbound'] = async (stream, options) =>
        record(stream, await encrypter.secureInbound(stream, options));
      const secureOutbound: ConnectionEncrypter['secureOutbound'] = async (stream, options) =>
        record(stream, await encrypter.secureOutbound(stream, options));
      return Object.create(encrypter, {
        secureInbound: { value: secureInbound },
        secureOutbound: { value: secureOutbound },
      }) as ConnectionEncrypter;
    };
  }

  /** The owner of an encrypted connection. */
  of(connection: MessageStream): Owner {
    const owner = this.#owners.get(connection);
    if (!owner) throw new Error('a connection is multiplexed before it is encrypted');
    return owner;
  }
}

/** The subnet of a connection's remote address; undefined for a stream without one, as on a private network. */
function subnetOfStream(stream: MessageStream & { readonly remoteAddr?: Multiaddr }): string | undefined {
  return isMultiaddr(stream.remoteAddr) ? subnetKeyOf(stream.remoteAddr) : undefined;
}
