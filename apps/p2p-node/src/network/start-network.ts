import { PeersSettings, type SettingsOf } from '@allibrary/contracts';
import { type Bus, type Settings, SettingsFollower } from '@allibrary/messaging';
import type { Logger, ReadModel } from '@allibrary/platform';
import { CarrierBridge, type CarrierEndpoints } from '../carrier/carrier-bridge.ts';
import { TransferNotices } from '../carrier/transfer-notices.ts';
import { Announcements, openAnnouncementsReadModel } from '../dht/announcing/announcements.ts';
import { Announcer } from '../dht/announcing/announcer.ts';
import { RecordSender } from '../dht/announcing/record-sender.ts';
import { SelfCheck } from '../dht/announcing/self-check.ts';
import { DhtLookups } from '../dht/dht-lookups.ts';
import { PeerGuard } from '../gate/peer-guard.ts';
import { ReceivedBans } from '../gate/received-bans.ts';
import { KnownPeers } from '../peers/known-peers.ts';
import { LibraryLog } from '../peers/library-log.ts';
import { PeerExchange } from '../peers/peer-exchange.ts';
import { PeerGatherer } from '../peers/peer-gatherer.ts';
import { PeerKeeper } from '../peers/peer-keeper.ts';
import { PacedQuestions } from '../protocols/paced-questions.ts';
import { LibraryPeers } from '../questions/library-peers.ts';
import { servePeers } from '../questions/peer-services.ts';
import { ShownSources } from '../questions/shown-sources.ts';
import { SourceFinder } from '../questions/source-finder.ts';
import type { NetworkGauges } from '../status/network-gauges.ts';
import { NetworkSignals } from '../status/network-signals.ts';
import { NetworkView } from '../status/network-view.ts';
import type { Libp2pHost } from './libp2p-host.ts';
import type { NetworkCounters } from './network-counters.ts';
import { openHost } from './open-host.ts';
import type { NetworkProfile } from './profile.ts';

const REMIND_EVERY_MS = 10_000;

/** For times that are stored or shown. */
const wallClock = (): number => Date.now();
/** For durations: bans, rates, limits. */
const monotonic = (): number => performance.now();

/** What a network uses and does not own: it outlives every network. */
export interface SharedParts {
  readonly bus: Bus;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly counters: NetworkCounters;
  readonly gauges: NetworkGauges;
  readonly carrier: CarrierEndpoints;
}

/** A network that runs. */
export interface Network {
  readonly profile: NetworkProfile;
  readonly host: Libp2pHost;
  readonly view: NetworkView;
  readonly libraries: LibraryPeers;
  readonly sources: SourceFinder;
  readonly shownSources: ShownSources;
  readonly announcements: Announcements;
  readonly announcementsModel: ReadModel;
  /** Aborts at the beginning of `close`. */
  readonly closing: AbortSignal;
  /** Ends every part: no socket, timer or open file of it is left. */
  close(): Promise<void>;
}

/**
 * Starts the libp2p host of a profile with every part that lives as long as it. Parts are closed in reverse order, also
 * when the start fails half-way: no connection is accepted, work is cancelled, the host stops, its stores close.
 */
export async function startNetwork(
  profile: NetworkProfile,
  shared: SharedParts,
  signal: AbortSignal,
): Promise<Network> {
  const { bus, settings, logger, counters, gauges } = shared;
  await using starting = new AsyncDisposableStack();
  const closed = <T extends Closeable>(part: T): T => starting.adopt(part, (each) => each.close());

  const announcementsModel = closed(openAnnouncementsReadModel(profile.files.announcements));
  const announcements = new Announcements(announcementsModel);

  const bans = new ReceivedBans(logger, wallClock);
  const guard = new PeerGuard({ counters: counters.guard, bans, logger, now: monotonic });
  // The port opens only after the owner's rules are known: fail closed.
  guard.rules.follow(await firstPeersSettings(settings, logger, signal));
  const host = await openHost(profile, guard, { logger, onRecordRefused: counters.recordsRefused });
  starting.defer(() => host.stop());
  guard.attach(host);
  starting.defer(await bans.serve(host));

  const { carrier: endpoints } = shared;
  const bridge = closed(new CarrierBridge({ host, guard, endpoints, count: counters.carriedBytes, logger }));
  await bridge.open();
  const notices = closed(new TransferNotices(bus, guard, monotonic));
  notices.start();

  const refusedQuestions = logger.sums('info', { what: 'questions refused by peers' });
  const questions = new PacedQuestions(monotonic, (peerId, protocol, reason) => {
    counters.refusedQuestions(protocol);
    refusedQuestions.add(protocol, { peerId, protocol, reason }, 'question refused by a peer');
  });
  const lookups = new DhtLookups(host, monotonic);
  const exchange = new PeerExchange(host, guard, questions);
  const isOffered = (id: string) => announcements.isShared(id) || notices.isOffered(id);
  starting.defer(await servePeers(host, { bus, isOffered, exchange, guard, count: counters.questions, logger }));

  const known = knownPeers(profile, logger);
  const keeper = closed(new PeerKeeper({ host, guard, known, bootstrap: profile.bootstrap, logger }));
  await keeper.start();
  const gatherer = closed(new PeerGatherer({ host, guard, exchange, logger, onPruned: counters.prunedPeers }));
  gatherer.start();
  closed(
    new SettingsFollower(settings, PeersSettings, ({ value }) => {
      guard.rules.follow(value);
      guard.enforce();
      keeper.followRules();
      gatherer.followRules();
    }),
  );

  const sender = new RecordSender(host, guard.gate.addresses, counters.recordsSent);
  const announcer = closed(new Announcer(sender, announcements, lookups, logger, wallClock));
  announcer.start();
  const selfCheck = closed(new SelfCheck(host, announcements, lookups, logger, wallClock));
  selfCheck.start(settings);

  const view = new NetworkView(host, announcements, keeper, selfCheck, guard);
  closed(new LibraryLog(host, logger, monotonic)).start();
  const signals = closed(new NetworkSignals(host, view, bus));
  signals.start();
  starting.defer(gauges.observe({ host, view, selfCheck, scores: guard.scores }));

  const libraries = new LibraryPeers(host, questions, counters.searches);
  const sources = new SourceFinder(host, libraries, lookups, logger);
  const shownSources = new ShownSources(host, libraries, lookups, logger);
  const closing = new AbortController();
  starting.defer(() => {
    guard.gate.close();
    closing.abort();
  });

  const multiaddrs = host.getMultiaddrs().map(String);
  logger.info({ profile: profile.name, peerId: host.peerId.toString(), multiaddrs }, 'network started');
  const parts = starting.move();
  return {
    ...{ profile, host, view, libraries, sources, shownSources, announcements, announcementsModel },
    closing: closing.signal,
    close: () => parts.disposeAsync(),
  };
}

interface Closeable {
  close(): void | Promise<void>;
}

const knownPeers = ({ files }: NetworkProfile, logger: Logger): KnownPeers =>
  new KnownPeers(files.knownPeers, wallClock, (reason) =>
    logger.warn({ file: files.knownPeers, reason }, 'known peers file damaged: earlier peers are forgotten'),
  );

/** The owner's settings for peers. Logs a reminder while transfer, which stores them, does not answer. */
async function firstPeersSettings(
  settings: Settings,
  logger: Logger,
  signal: AbortSignal,
): Promise<SettingsOf<typeof PeersSettings>> {
  const reminder = setInterval(
    () => logger.warn('waiting for the settings: transfer does not answer. The port stays closed until it does'),
    REMIND_EVERY_MS,
  );
  try {
    return await settings.first(PeersSettings, signal);
  } finally {
    clearInterval(reminder);
  }
}
