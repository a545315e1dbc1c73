// Real: transfer as built, in a process of its own that is killed with SIGKILL; nats-server; another transfer as the
// source. Stands in: p2p-node, by a splice of sockets that reads the requests which pass.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex, Transform } from 'node:stream';
import { CommandDownloads, type Download, GetDownload, ListDocuments, StartDownload } from '@allibrary/contracts';
import { CID_BYTES, PIECE_BYTES } from '@allibrary/core';
import { Bus } from '@allibrary/messaging';
import { type TempFolder, type TestNats, eventually, freePort, startNats, tempFolder } from '@allibrary/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FrameDecoder, FrameType, REQUEST_LIMITS } from '../wire/frames.ts';
import {
  CARRIER_TOKEN,
  type PeerBehaviour,
  type PeerSide,
  markAsNew,
  newPeerId,
  peerAt,
  startPeerSide,
  startTransfer,
} from '../testing/transfer-fixture.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const PIECES = 40;
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const bytes = randomBytes((PIECES - 1) * PIECE_BYTES + 12_345);

let source: Awaited<ReturnType<typeof startTransfer>>;
let documentId: string;
let keptInAll = 0;

beforeAll(async () => {
  source = await startTransfer();
  await source.add('long.bin', bytes);
  documentId = await eventually(async () => (await source.bus.request(ListDocuments, {})).items[0]?.documentId);
});
afterAll(async () => {
  await source.stop();
  expect(keptInAll).toBeGreaterThan(0);
});

test.concurrent.each(SEEDS)(
  'seed %i: killed thrice, the file is bit-identical, and no piece that was kept comes twice',
  async (seed) => {
    const [moments = []] = fc.sample(
      fc.uniqueArray(fc.integer({ min: 1, max: PIECES - 1 }), { minLength: 3, maxLength: 3 }),
      {
        seed,
        numRuns: 1,
      },
    );
    const node = await Downloader.start(peerAt(source.carrierPort));
    try {
      await node.begin();
      for (const moment of moments.toSorted((a, b) => a - b)) {
        await node.killWhenAsked(moment);
        await node.resumeAfterCrashes(); // two deaths in a row pause it
      }
      await node.untilCompleted();
      expect(bytes.equals(await readFile(join(node.library, 'long.bin')))).toBe(true);
      expect(node.askedAgain).toEqual([]);
      keptInAll += node.kept;
    } finally {
      await node.stop();
    }
  },
);

test('killed twice before anything came: paused with that cause, and complete after a resume', {
  timeout: 180_000,
}, async () => {
  let streams = 0;
  let behaviour: PeerBehaviour = (stream) => {
    streams += 1;
    stream.on('error', () => {}).resume(); // takes requests, sends nothing
  };
  const node = await Downloader.start((stream) => behaviour(stream));
  try {
    await node.begin();
    for (let deaths = 0; deaths < 2; deaths++) {
      await eventually(() => streams > deaths, { timeoutMs: 60_000 });
      await node.killWhenAsked(0);
    }
    const { reason } = await node.reaches({ state: 'paused', cause: 'crash' });
    expect(reason).toContain('ended unexpectedly 2 times');
    behaviour = peerAt(source.carrierPort);
    await node.resumeAfterCrashes();
    await node.untilCompleted();
  } finally {
    await node.stop();
  }
});

/** A node whose transfer is killed and started again. */
class Downloader {
  readonly library: string;
  /** The pieces that were asked for although the record called them safe when the process was killed. */
  readonly askedAgain: number[] = [];
  /** How many pieces the kills have left on the disk, added up. */
  kept = 0;
  readonly #asked = new Set<number>();
  #kept: ReadonlySet<number> = new Set();
  #process: ChildProcess | undefined;
  #download: Download | undefined;
  /** The errors in the log of transfer, and how it ended. */
  #written = '';

  private constructor(
    private readonly folder: TempFolder,
    private readonly nats: TestNats,
    private readonly bus: Bus,
    private readonly peerSide: PeerSide,
    private readonly carrierPort: number,
  ) {
    this.library = join(folder.path, 'library');
  }

  static async start(source: PeerBehaviour): Promise<Downloader> {
    const [folder, nats] = await Promise.all([tempFolder(), startNats()]);
    const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
    const behaviour: PeerBehaviour = async (stream) => {
      const requests = stream.pipe(node.#readRequests());
      await source(Duplex.from({ readable: requests, writable: stream }));
    };
    const peerSide = await startPeerSide(nats, new Map([[newPeerId(), behaviour]]));
    const node = new Downloader(folder, nats, bus, peerSide, await freePort());
    await mkdir(node.library);
    await markAsNew(join(folder.path, 'data'));
    node.#launch();
    return node;
  }

  /** Asks for the document as soon as somebody serves the question. */
  async begin(): Promise<void> {
    this.#download = await eventually(() => this.bus.request(StartDownload, { documentId }), {
      timeoutMs: 60_000,
    }).catch((error: unknown) => {
      throw new Error(`transfer does not take the order; it wrote: ${this.#written}`, { cause: error });
    });
  }

  /** Kills the process once this many pieces have been requested, and starts it again. */
  async killWhenAsked(count: number): Promise<void> {
    await eventually(() => this.#asked.size >= count, { timeoutMs: 30_000 });
    await this.#end('SIGKILL');
    this.#kept = await this.#recorded();
    this.kept += this.#kept.size;
    this.#launch();
  }

  async untilCompleted(): Promise<void> {
    await this.reaches({ state: 'completed' });
  }

  /** Waits until the download is as expected; requests fail while the process starts. */
  async reaches(expected: Partial<Download>): Promise<Download> {
    const found = () => this.bus.request(GetDownload, { id: this.#download?.id ?? '' });
    return eventually(
      async () => {
        const download = await found();
        expect(download).toMatchObject(expected);
        return download;
      },
      { timeoutMs: 60_000 },
    );
  }

  /** Resumes the download, as its owner does when it is paused after crashes. */
  async resumeAfterCrashes(): Promise<void> {
    const ids = [this.#download?.id ?? ''];
    const command = { ids, command: { do: 'resume' as const } };
    await eventually(() => this.bus.request(CommandDownloads, command), { timeoutMs: 60_000 });
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await this.peerSide.stop();
    await this.bus.close();
    await this.nats.stop();
    await this.folder.remove();
  }

  /** Notes the pieces that are asked for on one stream, whose process was started when `kept` was on the disk. */
  #readRequests(): Transform {
    const kept = this.#kept;
    const decoder = new FrameDecoder(REQUEST_LIMITS);
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        for (const { type, payload } of decoder.push(chunk)) {
          if (type !== FrameType.Piece) continue;
          const index = payload.readUInt32BE(CID_BYTES);
          this.#asked.add(index);
          if (kept.has(index)) this.askedAgain.push(index);
        }
        done(null, chunk);
      },
    });
  }

  /** The pieces that the record says are written; a download that is complete has none any more. */
  async #recorded(): Promise<ReadonlySet<number>> {
    const path = join(this.library, '.allibrary/partial', `${documentId}.part.pieces`);
    const record = await readFile(path).catch(() => Buffer.alloc(0));
    const states = record.subarray(-PIECES);
    return new Set([...states.keys()].filter((index) => record.length > PIECES && states[index] !== 0));
  }

  #launch(): void {
    this.#process = spawn(process.execPath, [MAIN], {
      env: {
        ALLIBRARY_NATS_URL: this.nats.url,
        ALLIBRARY_NATS_TOKEN: this.nats.token,
        ALLIBRARY_DATA: join(this.folder.path, 'data'),
        ALLIBRARY_LIBRARY: this.library,
        ALLIBRARY_HTTP_PORT: '0',
        ALLIBRARY_CARRIER_TOKEN: CARRIER_TOKEN,
        ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${this.carrierPort}`,
        ALLIBRARY_P2P_CARRIER: `127.0.0.1:${this.peerSide.port}`,
        ALLIBRARY_LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const output of [this.#process.stdout, this.#process.stderr])
      output?.on('data', (text: Buffer) => (this.#written += text.toString()));
    this.#process.on('exit', (code, signal) => (this.#written += `[ended: ${code ?? signal}]\n`));
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
