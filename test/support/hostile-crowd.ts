/**
 * A crowd of hostile peers in a process of its own: `node hostile-crowd.ts <seed> <identities> <address>...`. Each of them
 * commits one random attack after the other, from an address of 127.0.0.0/8 that stands for its machine. The crowd exits
 * with the process that started it.
 */
import { type Socket, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import type { Libp2p, Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { mulberry32 } from './random.ts';

const KAD = '/allibrary/kad/1.0.0';
const PIECES = '/allibrary/pieces/1.0.0';
const PROTOCOLS = [
  KAD,
  PIECES,
  '/allibrary/search/1.0.0',
  '/allibrary/have/1.0.0',
  '/allibrary/peers/1.0.0',
  '/ipfs/id/1.0.0',
  '/ipfs/id/push/1.0.0',
  '/ipfs/ping/1.0.0',
];
/** Strangers for each machine, and machines for each subnet. */
const [OF_A_MACHINE, OF_A_SUBNET] = [5, 2];
const MOST_SENT_BYTES = 2_000_000;
const CHUNK_BYTES = 16_384;
const LONGEST_REST_MS = 2_000;
const DIAL_LIMIT_MS = 5_000;

const [seedText = '1', countText = '10', ...targets] = process.argv.slice(2);
const random = mulberry32(Number(seedText));
const below = (limit: number): number => Math.floor(random() * limit);
const oneOf = <T>(all: readonly T[]): T => all[below(all.length)] as T;
const randomBytes = Buffer.from(Array.from({ length: 65_536 }, () => below(256)));
/** Random bytes: a slice of the same buffer each time, because the crowd must not be the busiest process. */
const bytes = (length: number): Buffer => {
  const from = below(randomBytes.length - length);
  return randomBytes.subarray(from, from + length);
};

/** A hostile peer and the address that it dials from. */
interface Stranger {
  readonly localAddress: string;
  host: Libp2p;
}

function startHost(localAddress: string): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: [] },
    transports: [tcp({ dialOpts: { localAddress } as object })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { enabled: false },
    services: { identify: identify() },
  });
}

const open = ({ host }: Stranger, protocol: string, target: Multiaddr): Promise<Stream> =>
  host.dialProtocol(target, protocol, { signal: AbortSignal.timeout(DIAL_LIMIT_MS) });

/** Sends until the stream ends or `MOST_SENT_BYTES` are sent, never faster than the stream accepts them. */
async function pour(stream: Stream, next: () => Uint8Array): Promise<void> {
  for (let sent = 0; sent < MOST_SENT_BYTES && stream.status === 'open'; ) {
    const chunk = next();
    stream.send(chunk);
    sent += chunk.length;
    do await delay(1);
    while (stream.writeBufferLength > CHUNK_BYTES && stream.status === 'open');
  }
}

/** A kad message of a type, with a random key, prefixed by its length. */
function kadQuestion(type: number): Buffer {
  const key = type === 4 ? bytes(32) : Buffer.concat([Buffer.from([0x12, 0x20]), bytes(32)]);
  return Buffer.concat([Buffer.from([key.length + 4, 1 << 3, type, (2 << 3) | 2, key.length]), key]);
}

const ATTACKS: Readonly<Record<string, (stranger: Stranger, target: Multiaddr) => Promise<void>>> = {
  'half-open handshakes': async ({ localAddress }, target) => {
    const { port } = /tcp\/(?<port>\d+)/.exec(target.toString())?.groups ?? {};
    const sockets: Socket[] = Array.from({ length: 8 }, () =>
      connect({ port: Number(port), host: '127.0.0.1', localAddress }),
    );
    for (const socket of sockets) socket.on('error', () => {});
    await delay(below(5_000));
    for (const socket of sockets) socket.destroy();
  },
  'silent streams': async (stranger, target) => {
    const protocol = oneOf(PROTOCOLS);
    const streams = await Promise.allSettled(
      Array.from({ length: 1 + below(40) }, () => open(stranger, protocol, target)),
    );
    await delay(below(5_000));
    for (const stream of streams) if (stream.status === 'fulfilled') stream.value.abort(new Error('enough'));
  },
  'unfinished frame': async (stranger, target) => {
    const stream = await open(stranger, oneOf(PROTOCOLS), target);
    stream.send(Buffer.from([0xff, 0xff, 0xff, 0x01]));
    await pour(stream, () => Buffer.alloc(CHUNK_BYTES, 1));
    await delay(below(2_000));
  },
  garbage: async (stranger, target) => {
    const stream = await open(stranger, oneOf(PROTOCOLS), target);
    await pour(stream, () => bytes(1 + below(5_000)));
  },
  'questions to the DHT': async (stranger, target) => {
    const stream = await open(stranger, KAD, target);
    const type = oneOf([3, 4]);
    await pour(stream, () => Buffer.concat(Array.from({ length: 100 }, () => kadQuestion(type))));
  },
  'repeated holdings': async (stranger, target) => {
    const stream = await open(stranger, PIECES, target);
    let id = 0;
    await pour(stream, () => Buffer.concat([frame(4, ++id, bytes(36)), frame(5, id, Buffer.alloc(0))]));
  },
  'another identity': async (stranger) => {
    await stranger.host.stop();
    stranger.host = await startHost(stranger.localAddress);
  },
};

/** A frame of the protocol for pieces. */
function frame(type: number, id: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt32BE(payload.length, 0);
  header.writeUInt8(type, 4);
  header.writeUInt32BE(id, 5);
  return Buffer.concat([header, payload]);
}

async function attackForever(number: number): Promise<never> {
  const machine = Math.floor(number / OF_A_MACHINE);
  const localAddress = `127.1.${Math.floor(machine / OF_A_SUBNET)}.${1 + (machine % OF_A_SUBNET)}`;
  const stranger = { localAddress, host: await startHost(localAddress) };
  for (;;) {
    const attack = oneOf(Object.values(ATTACKS));
    await attack(stranger, multiaddr(oneOf(targets))).catch(() => {}); // it was refused, as it should be
    await delay(below(LONGEST_REST_MS));
  }
}

process.on('disconnect', () => process.exit());
for (let number = 0; number < Number(countText); number++) attackForever(number).catch(() => process.exit(1));
process.send?.('started');
