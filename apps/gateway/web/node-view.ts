import type { Peer } from '@allibrary/contracts';
import { type StatusReport, api } from './api.ts';
import { attempt } from './attempt.ts';
import { button, byId, element } from './element.ts';
import { count, formatSpeed } from './format.ts';
import { KeyedList } from './keyed-list.ts';

const UNKNOWN = 'unknown';

const METHODS: Readonly<Record<NonNullable<StatusReport['method']>, string>> = {
  direct: 'directly, through its own port',
  none: 'not at all',
};

/** The node itself: how it is connected, how fast, with whom. */
export class NodeView {
  readonly #peers = new KeyedList<Peer>({
    list: byId('peer-list', HTMLUListElement),
    keyOf: ({ peerId, multiaddr }) => `${peerId} ${multiaddr}`,
    contextOf: () => null,
    draw: (peer) => drawPeer(peer, () => this.#part(peer)),
  });

  constructor() {
    const multiaddr = byId('multiaddr', HTMLInputElement);
    byId('connect-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      attempt(async () => {
        await api.connectPeer(multiaddr.value.trim());
        multiaddr.value = '';
        this.loadPeers();
      });
    });
  }

  loadPeers(): void {
    attempt(async () => this.#peers.show((await api.peers()).items));
  }

  #part({ peerId }: Peer): void {
    attempt(async () => {
      await api.disconnectPeer(peerId);
      this.loadPeers();
    });
  }

  /** Shows the status here and, in short, at the top of every view. */
  show(status: StatusReport): void {
    const standing = byId('standing', HTMLParagraphElement);
    const line = standingLine(status);
    if (standing.textContent !== line) standing.textContent = line;
    standing.classList.toggle('is-connected', status.connected === true);
    const problem = byId('settings-problem', HTMLParagraphElement);
    problem.textContent = status.settingsProblem;
    problem.hidden = status.settingsProblem === null;
    byId('node-facts', HTMLDListElement).replaceChildren(...drawFacts(status));
  }
}

function standingLine({
  connected,
  peers,
  downloadBytesPerSecond: down,
  uploadBytesPerSecond: up,
}: StatusReport): string {
  if (connected === null || peers === null) return 'The network service is away';
  const connection = connected ? `Connected to ${count(peers, 'peer')}` : 'Not connected';
  const speeds = down === null || up === null ? '' : ` · ↓ ${formatSpeed(down)} · ↑ ${formatSpeed(up)}`;
  return connection + speeds;
}

function drawFacts(status: StatusReport): HTMLElement[] {
  const { method, downloadBytesPerSecond: down, uploadBytesPerSecond: up, multiaddrs } = status;
  const facts: [string, ...(Node | string)[]][] = [
    ['Connected', method === null ? UNKNOWN : METHODS[method]],
    ['Peers', String(status.peers ?? UNKNOWN)],
    ['Documents', String(status.documents ?? UNKNOWN)],
    ['Searchable', searchableLine(status)],
    ['Findable by others', findableLine(status)],
    ['Download', down === null ? UNKNOWN : formatSpeed(down)],
    ['Upload', up === null ? UNKNOWN : formatSpeed(up)],
    ['Peer id', element('code', {}, status.peerId ?? UNKNOWN)],
    ['Addresses', ...(multiaddrs?.map((address) => element('code', {}, address)) ?? [UNKNOWN])],
    ['Version', status.version],
  ];
  if (status.unavailable.length > 0) facts.push(['Does not answer', status.unavailable.join(', ')]);
  return facts.flatMap(([name, ...values]) => [element('dt', {}, name), element('dd', {}, ...values)]);
}

function searchableLine({ indexedDocuments, indexing }: StatusReport): string {
  const waiting = indexing?.waiting ?? 0;
  const left = indexing?.secondsLeft ?? null;
  const until = left === null ? '' : `, about ${count(Math.max(1, Math.round(left / 60)), 'minute')} left`;
  const behind = waiting === 0 ? '' : ` · ${count(waiting, 'document')} to be read${until}`;
  const stands = indexing?.isRebuilding ? ' · the index is being rebuilt; the previous one serves searches' : '';
  const pictures = indexing?.picturePages ?? 0;
  const unread =
    pictures === 0 ? '' : ` · ${count(pictures, 'page')} of PDFs not searchable: only pictures, which OCR has not read`;
  return `${indexedDocuments ?? UNKNOWN}${behind}${stands}${unread}`;
}

function findableLine({ findable }: StatusReport): string {
  if (findable === null) return 'not checked yet';
  const { estimatedDocuments, announcedDocuments, sampled } = findable;
  return `${estimatedDocuments} of ${announcedDocuments}, going by a sample of ${sampled}`;
}

function drawPeer(
  { peerId, multiaddr, direction, agent, isLibrary, connectedAtMs }: Peer,
  part: () => void,
): HTMLElement {
  return element(
    'li',
    { class: 'card' },
    element('h3', {}, element('code', {}, peerId)),
    element(
      'p',
      { class: 'meta' },
      element('span', {}, multiaddr),
      element('span', {}, direction === 'inbound' ? 'it called us' : 'we called it'),
      element('span', {}, `since ${new Date(connectedAtMs).toLocaleTimeString()}`),
      agent === null ? null : element('span', {}, agent),
      isLibrary ? null : element('span', { class: 'bad' }, 'shares no library'),
    ),
    element(
      'div',
      { class: 'actions' },
      button('Disconnect', `${peerId}:part`, part, { 'aria-label': `Disconnect from ${peerId}` }),
    ),
  );
}
