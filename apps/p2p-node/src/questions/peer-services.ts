import { SearchLibrary } from '@allibrary/contracts';
import { type Bus, RequestFailure, describeError } from '@allibrary/messaging';
import type { Logger, Metrics } from '@allibrary/platform';
import type { Connection, Stream } from '@libp2p/interface';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { PeerExchange } from '../peers/peer-exchange.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import { type BoundedService, type Close, serveBounded } from '../protocols/bounded-handler.ts';
import { answer, refuseAsBusy } from '../protocols/exchange.ts';
import { ProtocolViolation } from '../protocols/framing.ts';
import { HAVE, SEARCH, fitAnswer } from '../protocols/library-protocols.ts';
import { PEERS } from '../protocols/peers-protocol.ts';

const KINDS = ['search', 'have', 'peers'] as const;
type QuestionKind = (typeof KINDS)[number];

const RESULTS = ['answered', 'busy', 'failed'] as const;

/** Counts a question of a peer. */
export type CountQuestion = (kind: QuestionKind, result: (typeof RESULTS)[number]) => void;

export function countQuestions(metrics: Metrics): CountQuestion {
  const questions = metrics.counter({
    name: 'allibrary_peer_questions_total',
    help: 'Questions of peers, by what came of them.',
    labelNames: ['kind', 'result'],
  });
  for (const kind of KINDS) for (const result of RESULTS) questions.inc({ kind, result }, 0);
  return (kind, result) => questions.inc({ kind, result });
}

/** What the answers are built from. */
export interface PeerServicesOptions {
  readonly bus: Bus;
  /** Whether peers can have the document here, or some of it. */
  readonly isOffered: (documentId: string) => boolean;
  readonly exchange: PeerExchange;
  readonly guard: PeerGuard;
  readonly count: CountQuestion;
  readonly logger: Logger;
}

/** Answers the questions of peers: what this library holds, and what its index finds. Their content is not logged. */
export async function servePeers(host: Libp2pHost, options: PeerServicesOptions): Promise<Close> {
  const { bus, isOffered, exchange, guard, count, logger } = options;
  const unanswered = logger.sums('info', { what: 'questions of peers not answered' });
  const serve = (
    kind: QuestionKind,
    { protocol, limits }: Pick<BoundedService, 'protocol' | 'limits'>,
    respond: (stream: Stream, connection: Connection) => Promise<void>,
  ) =>
    serveBounded(host, {
      protocol,
      limits,
      serve: async (stream, connection) => {
        await respond(stream, connection);
        count(kind, 'answered');
      },
      refuse: (stream, retryAfterMs) => {
        count(kind, 'busy');
        return refuseAsBusy(stream, retryAfterMs);
      },
      onExcess: guard.report,
      onRefused: guard.countRefusedStream,
      onFailure: (peerId, error) => {
        if (error instanceof ProtocolViolation) guard.report(peerId, 'violation');
        count(kind, 'failed');
        unanswered.add(kind, { peerId, kind, error: describeError(error) }, 'question of a peer not answered');
      },
    });

  const search = await serve('search', SEARCH, (stream) =>
    answer(stream, SEARCH, async (question, signal) => {
      try {
        return fitAnswer(await bus.request(SearchLibrary, { ...question, publicOnly: true }, { signal }));
      } catch (error) {
        if (error instanceof RequestFailure && error.code === 'unavailable')
          return { refused: 'no index at the moment' };
        throw error;
      }
    }),
  );
  const have = await serve('have', HAVE, (stream) =>
    answer(stream, HAVE, async ({ documentIds }) => ({ held: documentIds.map(isOffered) })),
  );
  const peers = await serve('peers', PEERS, (stream, asker) =>
    answer(stream, PEERS, async ({ limit }) => ({ records: await exchange.recordsFor(asker, limit) })),
  );
  return async () => {
    await Promise.all([search(), have(), peers()]);
  };
}
