import { SearchLibrary } from '@allibrary/contracts';
import { type Bus, RequestFailure, describeError } from '@allibrary/messaging';
import type { Logger, Metrics } from '@allibrary/platform';
import type { Stream } from '@libp2p/interface';
import type { Announcements } from './announcements.ts';
import type { Libp2pHost } from './libp2p-host.ts';
import { serveBounded } from './protocols/bounded-handler.ts';
import { answer, refuse } from './protocols/exchange.ts';
import { HAVE, SEARCH, fitAnswer } from './protocols/library-protocols.ts';

const BOUNDS = { perPeer: 8, inTotal: 64 };

/** What the answers are made of, and who is told of them. */
export interface PeerServicesOptions {
  readonly bus: Bus;
  readonly announcements: Announcements;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Answers the questions of peers: what this library holds, and what its index finds. What they look for is not logged. */
export async function servePeers(host: Libp2pHost, options: PeerServicesOptions): Promise<void> {
  const { bus, announcements, metrics, logger } = options;
  const questions = metrics.counter({
    name: 'allibrary_peer_questions_total',
    help: 'Questions of peers, by what came of them.',
    labelNames: ['kind', 'result'],
  });
  const serve = (kind: 'search' | 'have', protocol: string, respond: (stream: Stream) => Promise<void>) => {
    for (const result of ['answered', 'busy', 'failed']) questions.inc({ kind, result }, 0);
    return serveBounded(host, {
      protocol,
      bounds: BOUNDS,
      serve: async (stream) => {
        await respond(stream);
        questions.inc({ kind, result: 'answered' });
      },
      refuse: (stream) => {
        questions.inc({ kind, result: 'busy' });
        return refuse(stream, 'busy');
      },
      onFailure: (peerId, error) => {
        questions.inc({ kind, result: 'failed' });
        logger.info({ peerId, kind, error: describeError(error) }, 'a question of a peer was not answered');
      },
    });
  };

  await serve('search', SEARCH.protocol, (stream) =>
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
  await serve('have', HAVE.protocol, (stream) =>
    answer(stream, HAVE, async ({ documentIds }) => ({ held: documentIds.map((id) => announcements.isShared(id)) })),
  );
}
