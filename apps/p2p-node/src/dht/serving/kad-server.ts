import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, PeerStore, Stream, StreamHandler } from '@libp2p/interface';
import type { Registrar } from '@libp2p/interface-internal';
import { UnexpectedEOFError, lpStream } from '@libp2p/utils';
import { Uint8ArrayList } from 'uint8arraylist';
import { subnetKeyOf } from '../../gate/limit-keys.ts';
import { serveBounded } from '../../protocols/bounded-handler.ts';
import { ProtocolViolation, violationsOn } from '../../protocols/framing.ts';
import { KAD_LIMITS } from '../../protocols/protocol-limits.ts';
import type { StreamRefusal } from '../../gate/stream-refusals.ts';
import { ADD_PROVIDER, type KadQuestion, PING_TYPE, framed, parseQuestion } from '../kad-message.ts';
import type { KadStorage } from '../keeping/kad-storage.ts';
import { FairTurns, type WorkClock } from './fair-turns.ts';
import { QuestionStream } from './question-stream.ts';

/** An `ADD_PROVIDER` with 16 addresses takes about 2 KiB. */
const MOST_QUESTION_BYTES = 8_192;
/** 256 records and a `PING` may wait on a stream: about 50 KB. */
const MOST_UNREAD_BYTES = 131_072;
const LENGTH_BYTES = 3;
const IDLE_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 5_000;
/** The burst is also how long other work waits for the DHT. */
const WORK = { share: 0.4, burstMs: 10 };

const CLOCK: WorkClock = {
  now: () => performance.now(),
  wait: (ms) => delay(ms, undefined, { ref: false }),
};

/** Called for a peer that violates the DHT's protocol. */
export type OnKadMisbehaviour = (peerId: string, kind: 'violation' | 'too-fast' | 'too-many-streams') => void;

/** What answers are built from. */
export interface KadServerOptions {
  readonly records: KadStorage;
  readonly peers: PeerStore;
  readonly onMisbehaviour: OnKadMisbehaviour;
  readonly onRefused: (reason: StreamRefusal) => void;
}

/**
 * Serves the DHT in front of kad-dht 16.4, which reads frames of any length into 4 MiB for each stream, and answers as
 * fast as peers ask. Provider records and pings are handled here; every other question is handed to kad-dht.
 */
export class KadServer {
  readonly #turns = new FairTurns(WORK, CLOCK);

  constructor(private readonly options: KadServerOptions) {}

  /** Returns a registrar that puts this server in front of kad-dht's handler. */
  before(registrar: Registrar): Registrar {
    const handle: Registrar['handle'] = async (protocol, handler) => {
      const { onMisbehaviour, onRefused } = this.options;
      await serveBounded(registrar, {
        protocol,
        limits: KAD_LIMITS,
        serve: (stream, connection) => this.#serve(stream, connection, handler),
        refuse: (stream) => stream.abort(new Error('too many streams')),
        onExcess: onMisbehaviour,
        onRefused,
        onFailure: (peerId, error) => {
          if (error instanceof ProtocolViolation) onMisbehaviour(peerId, 'violation');
        },
      });
    };
    return Object.create(registrar, { handle: { value: handle } }) as Registrar;
  }

  async #serve(stream: Stream, connection: Connection, handler: StreamHandler): Promise<void> {
    const idle = setTimeout(() => stream.abort(new Error('no question in time')), IDLE_LIMIT_MS);
    const conversation = new KadConversation(stream, connection, handler);
    try {
      for await (const frame of framesOf(stream)) {
        idle.refresh();
        const answer = await this.#answer(frame, conversation);
        if (answer.byteLength > 0) await send(stream, answer);
        idle.refresh();
      }
      await stream.close({ signal: AbortSignal.timeout(CLOSE_LIMIT_MS) });
    } catch (error) {
      stream.abort(error as Error);
      throw error;
    } finally {
      conversation.end();
      clearTimeout(idle);
    }
  }

  #answer(frame: Uint8ArrayList, conversation: KadConversation): Promise<Uint8ArrayList> {
    const { connection } = conversation;
    return this.#turns.run(connection.remotePeer.toString(), async () => {
      const question = parse(frame);
      if (question.type === PING_TYPE) return framed(frame);
      if (question.type === ADD_PROVIDER) return this.#keep(question, connection);
      return conversation.ask(framed(frame));
    });
  }

  /** Keeps a record only from the provider itself, and only with an address at which it can be reached. */
  async #keep(question: KadQuestion, { remotePeer: peer, remoteAddr }: Connection): Promise<Uint8ArrayList> {
    const { key, providers } = question;
    const ownId = peer.toMultihash().bytes;
    const own = providers.find(({ peerId }) => Buffer.compare(peerId, ownId) === 0);
    if (own && own.addresses.length > 0) {
      const peerId = peer.toString();
      this.options.records.keep(key, { peerId, subnet: subnetKeyOf(remoteAddr) ?? peerId });
      await this.options.peers.merge(peer, { multiaddrs: own.addresses });
    }
    return NO_ANSWER;
  }
}

/** The questions of one stream that kad-dht answers. */
class KadConversation {
  #questions: QuestionStream | undefined;

  constructor(
    private readonly stream: Stream,
    readonly connection: Connection,
    private readonly handler: StreamHandler,
  ) {}

  /** kad-dht gives up a stream on which no question came for ten seconds: the next question needs another one. */
  ask(frame: Uint8ArrayList): Promise<Uint8ArrayList> {
    if (this.#questions?.status !== 'open') {
      const questions = new QuestionStream(this.stream);
      this.#questions = questions;
      Promise.resolve(this.handler(questions, this.connection)).catch((error: unknown) =>
        questions.abort(new Error('kad-dht failed', { cause: error })),
      );
    }
    return this.#questions.ask(frame);
  }

  end(): void {
    this.#questions?.end();
  }
}

const NO_ANSWER = new Uint8ArrayList();

/** The frames of a stream until it ends; throws {@link ProtocolViolation} for a frame that is too long, or too many unread bytes. */
async function* framesOf(stream: Stream): AsyncGenerator<Uint8ArrayList> {
  const frames = lpStream(stream, {
    maxDataLength: MOST_QUESTION_BYTES,
    maxLengthLength: LENGTH_BYTES,
    maxBufferSize: MOST_UNREAD_BYTES,
  });
  const violationOf = violationsOn(stream);
  try {
    for (;;) yield await frames.read();
  } catch (error) {
    const failure = violationOf(error);
    if (!(failure instanceof UnexpectedEOFError)) throw failure;
  }
}

function parse(frame: Uint8ArrayList): KadQuestion {
  try {
    return parseQuestion(frame.subarray());
  } catch (cause) {
    throw new ProtocolViolation('question not understood', { cause });
  }
}

/** Sends an answer, and waits until the peer has read enough of the earlier ones. */
async function send(stream: Stream, answer: Uint8ArrayList): Promise<void> {
  if (stream.send(answer)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.addEventListener('drain', () => resolve(), { once: true });
  stream.addEventListener('close', () => resolve(), { once: true });
  await promise;
}
