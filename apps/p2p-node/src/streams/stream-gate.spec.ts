// Stand in: a multiplexer and its connection, with the parts that the gate uses.
import type { MessageStream, Stream } from '@libp2p/interface';
import { expect, test } from 'vitest';
import { type Muxer, StreamGate } from './stream-gate.ts';
import type { StreamRefusal } from '../gate/stream-refusals.ts';

const LIMITS = {
  streams: { perHolder: 2, perSubnet: 3, inTotal: 4 },
  frameBytes: 100,
  streamBytes: 50,
  unreadBytes: 150,
};

function openGate(exempt = '') {
  const refusals: [StreamRefusal, string][] = [];
  const gate = new StreamGate({
    limits: LIMITS,
    selfBounded: new Set(),
    isExempt: (peerId) => peerId === exempt,
    onRefused: (reason, peerId) => refusals.push([reason, peerId]),
  });
  const connect = (peerId: string, subnet = peerId) => {
    const ended: string[] = [];
    const connection = Object.assign(new EventTarget(), {
      status: 'open',
      abort: () => ended.push('connection'),
    });
    const muxer: Muxer = { abort: () => ended.push('streams'), onData: () => {}, onRemoteStream: () => {} };
    gate.guard(muxer, connection as unknown as MessageStream, { peerId, subnet });
    return { muxer, ended, connection };
  };
  return { connect, refusals };
}

function openStream(muxer: Muxer): { isOpen: boolean } {
  const state = { isOpen: true };
  const stream = Object.assign(new EventTarget(), {
    abort(this: EventTarget) {
      state.isOpen = false;
      this.dispatchEvent(new Event('close'));
    },
  });
  muxer.onRemoteStream(stream as unknown as Stream);
  return state;
}

/** The first bytes of a data frame. */
const begun = (length: number, sent: number): Buffer => {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(length, 8);
  return Buffer.concat([header, Buffer.alloc(sent)]);
};

test('streams of a peer are limited over all its connections; in a full subnet the oldest stream of the fullest peer is reset', () => {
  const { connect, refusals } = openGate();
  const [one, other] = [connect('a', 'subnet').muxer, connect('a', 'subnet').muxer];
  const streams = [openStream(one), openStream(other), openStream(other)];
  expect(streams.map(({ isOpen }) => isOpen)).toEqual([true, true, false]);
  const neighbours = [openStream(connect('b', 'subnet').muxer), openStream(connect('c', 'subnet').muxer)];
  expect([...streams, ...neighbours].map(({ isOpen }) => isOpen)).toEqual([false, true, false, true, true]);
  expect(refusals).toEqual([
    ['too-many-of-peer', 'a'],
    ['too-many-of-subnet', 'c'],
  ]);
});

test('peers that the owner allows have no limit on the number of streams', () => {
  const { connect, refusals } = openGate('a');
  const { muxer } = connect('a');
  expect(Array.from({ length: 10 }, () => openStream(muxer)).every(({ isOpen }) => isOpen)).toBe(true);
  expect(refusals).toEqual([]);
});

test('a frame that announces too many bytes closes its connection', () => {
  const { connect, refusals } = openGate();
  const { muxer, ended } = connect('a');
  muxer.onData(begun(LIMITS.frameBytes + 1, 0));
  expect([ended, refusals]).toEqual([['streams', 'connection'], [['frame-too-long', 'a']]]);
});

test('when unfinished frames take too many bytes together, the connection with most of them is closed', () => {
  const { connect, refusals } = openGate();
  const [most, less, least] = [connect('a'), connect('b'), connect('c')];
  most.muxer.onData(begun(100, 80));
  less.muxer.onData(begun(100, 60));
  expect(refusals).toEqual([]);
  least.muxer.onData(begun(100, 20));
  expect([most, less, least].map(({ ended }) => ended.length)).toEqual([2, 0, 0]);
  expect(refusals).toEqual([['too-much-unread', 'a']]);
  least.muxer.onData(Buffer.alloc(30));
  expect(refusals).toHaveLength(1);
});
