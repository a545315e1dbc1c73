import { api } from './api.ts';
import { AuditView } from './audit-view.ts';
import { SIGNED_OUT, attempt } from './attempt.ts';
import { CollectionsView } from './collections-view.ts';
import { DownloadStore } from './download-store.ts';
import { setUpDownloads } from './downloads-view.ts';
import { byId, notify } from './element.ts';
import { LibraryView } from './library-view.ts';
import { LimitsForm } from './limits-form.ts';
import { listen } from './live-events.ts';
import { showSignIn, showView } from './navigation.ts';
import { NodeView } from './node-view.ts';
import { setUpSearch } from './search-view.ts';

const STATUS_EVERY_MS = 3_000;

const downloads = new DownloadStore();
const library = new LibraryView();
const collections = new CollectionsView();
const limits = new LimitsForm();
const audit = new AuditView();
const node = new NodeView();
let events: EventSource | null = null;

function setUp(): void {
  setUpDownloads(downloads);
  setUpSearch(downloads);
  byId('sign-in-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(signIn);
  });
  byId('sign-out', HTMLButtonElement).addEventListener('click', () => attempt(signOut));
  window.addEventListener(SIGNED_OUT, leave);
  for (const deed of ['click', 'submit']) document.addEventListener(deed, () => notify(null), true);
  window.addEventListener('hashchange', () => events !== null && showView());
  window.setInterval(() => events !== null && !document.hidden && attempt(showStatus), STATUS_EVERY_MS);
}

async function signIn(): Promise<void> {
  const key = byId('api-key', HTMLInputElement);
  try {
    await api.signIn(key.value.trim());
  } catch (error) {
    key.select();
    notify(error instanceof Error ? error.message : String(error));
    return;
  }
  key.value = '';
  enter();
}

async function signOut(): Promise<void> {
  await api.signOut();
  leave();
}

/** Shows the node to who is signed in, and follows it from now on. */
function enter(): void {
  setSignedIn(true);
  events?.close();
  events = listen({
    onOpen: () => {
      notify(null);
      downloads.load();
      library.load();
      collections.load();
      limits.load();
      audit.load();
      followNetwork();
    },
    onDownloads: (changed) => downloads.put(...changed),
    onLibrary: () => library.changed(),
    onNetwork: followNetwork,
    onCollection: () => collections.load(),
    onRefused: () => attempt(showStatus),
  });
  showView();
  byId('search-text', HTMLInputElement).focus();
}

function leave(): void {
  events?.close();
  events = null;
  setSignedIn(false);
  showSignIn();
}

function setSignedIn(isSignedIn: boolean): void {
  byId('navigation', HTMLElement).hidden = !isSignedIn;
  byId('standing', HTMLParagraphElement).hidden = !isSignedIn;
  if (!isSignedIn) byId('settings-problem', HTMLParagraphElement).hidden = true;
}

function followNetwork(): void {
  node.loadPeers();
  attempt(showStatus);
}

async function showStatus(): Promise<void> {
  node.show(await api.status());
}

setUp();
try {
  await showStatus();
  enter();
} catch {
  leave();
}
