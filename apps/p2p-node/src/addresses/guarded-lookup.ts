import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/**
 * Resolves host names for outgoing connections and leaves out addresses that must not be dialled. The name of a stranger
 * may point to this machine or into this LAN, and may point elsewhere by the time it is dialled: so the addresses are
 * judged that the socket connects to.
 */
export const guardedLookup =
  (permits: (host: string, ip: string) => boolean, resolve: typeof lookup = lookup): LookupFunction =>
  (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, []);
      const permitted = found.filter(({ address }) => permits(host, address));
      const [first] = permitted;
      if (!first) return callback(outOfScope(host), []);
      return options.all ? callback(null, permitted) : callback(null, first.address, first.family);
    });
  };

const outOfScope = (host: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${host} resolves only to addresses that this node does not dial`), {
    code: 'EADDRNOTAVAIL',
  });
