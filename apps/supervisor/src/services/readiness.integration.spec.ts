// Real: sockets on loopback, nats-server.
import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { shownUrls } from '@allibrary/platform/files';
import { startNats } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { greetsAsNats, untilAnswers } from './readiness.ts';

const open: { close: () => void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** A server that does this with every connection; returns its URL. */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer(onConnection).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  return `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a nats-server is recognised by its greeting; one of a cluster is enough', async () => {
  await using nats = Object.assign(await startNats(), {
    async [Symbol.asyncDispose](): Promise<void> {
      await nats.stop();
    },
  });
  await expect(greetsAsNats(`nats://127.0.0.1:1,${nats.url}`)).resolves.toBeUndefined();
});

test('a server that speaks another protocol, or is silent, is not taken for nats-server', async () => {
  const speaksElse = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const isSilent = await listen(() => {});
  await expect(greetsAsNats(speaksElse)).rejects.toThrow('what listens there is no nats-server');
  await expect(greetsAsNats(isSilent)).rejects.toThrow('what listens there is no nats-server');
  await expect(greetsAsNats('nats://127.0.0.1:1')).rejects.toThrow('ECONNREFUSED');
});

test('a bus that does not answer is an error after the limit, with its reason and without its password', async () => {
  const url = 'nats://ann:secret@127.0.0.1:1';
  const patience = {
    ...{ limitMs: 200, signal: AbortSignal.timeout(10_000), print: () => {} },
    mayWait: async () => false,
    remedy: 'check the address',
  };
  await expect(untilAnswers(`nats-server at ${shownUrls(url)}`, () => greetsAsNats(url), patience)).rejects.toThrow(
    /^nats-server at nats:\/\/127\.0\.0\.1:1 does not answer after 0\.2 s \(.*ECONNREFUSED.*\): check the address\.$/,
  );
});
