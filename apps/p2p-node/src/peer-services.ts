import { SearchLibrary } from '@allibrary/contracts';
import { type Bus, describeError } from '@allibrary/messaging';
import type { Logger, Metrics } from '@allibrary/platform';
import type { Announcements } from './announcements.ts';
import type { Libp2pHost } from './libp2p-host.ts';
import { serveBounded } from './protocols/bounded-handler.ts';
import { answer } from './protocols/exchange.ts';
import { HAVE, SEARCH } from './protocols/library-protocols.ts';

const BOUNDS = { perPeer: 8, inTotal: 64 };

/** Answers the questions of peers: what this library holds, and what its index finds. */
export async function servePeers(
  host: Libp2pHost,
  { bus, announcements, metrics, logger }: { bus: Bus; announcements: Announcements; metrics: Metrics; logger: Logger },
): Promise<void> {
  const questions = metrics.counter({
    name: 'allibrary_peer_questions_total',
    help: 'Questions of peers, by what came of them.',
    labelNames: ['kind', 'result'],
  });
  for (const kind of ['search', 'have'])
    for (const result of ['answered', 'failed']) questions.inc({ kind, result }, 0);
  const onFailure = (kind: string) => (peerId: string, error: unknown) => {
    questions.inc({ kind, result: 'failed' });
    logger.info({ peerId, kind, error: describeError(error) }, 'a question of a peer was not answered');
  };

  await serveBounded(
    host,
    SEARCH.protocol,
    BOUNDS,
    async (stream) => {
      await answer(stream, SEARCH, (question, signal) => bus.request(SearchLibrary, question, { signal }));
      questions.inc({ kind: 'search', result: 'answered' });
    },
    onFailure('search'),
  );
  await serveBounded(
    host,
    HAVE.protocol,
    BOUNDS,
    async (stream) => {
      await answer(stream, HAVE, async ({ documentIds }) => ({
        held: documentIds.map((id) => announcements.isShared(id)),
      }));
      questions.inc({ kind: 'have', result: 'answered' });
    },
    onFailure('have'),
  );
}
