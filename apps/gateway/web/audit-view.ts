import type { AuditReport, FileFixity } from '@allibrary/contracts';
import { api } from './api.ts';
import { attempt } from './attempt.ts';
import { byId, element } from './element.ts';
import { count } from './format.ts';
import { KeyedList } from './keyed-list.ts';

const REFRESH_MS = 5_000;

/** What the audit of the node's files does, and which of them are damaged. */
export class AuditView {
  readonly #files = new KeyedList<FileFixity>({
    list: byId('damaged-files', HTMLUListElement),
    keyOf: ({ location }) => `${location.collection}/${location.path}`,
    contextOf: () => null,
    draw: drawFile,
  });
  #isLoaded = false;

  constructor() {
    byId('verify-all', HTMLButtonElement).addEventListener('click', () =>
      attempt(async () => {
        await api.startAudit();
        await this.#show();
      }),
    );
    window.setInterval(() => this.#isLoaded && !document.hidden && attempt(() => this.#show()), REFRESH_MS);
  }

  load(): void {
    attempt(() => this.#show());
  }

  async #show(): Promise<void> {
    const report = await api.audit();
    this.#isLoaded = true;
    const line = byId('audit-line', HTMLParagraphElement);
    const text = lineOf(report);
    if (line.textContent !== text) line.textContent = text;
    this.#files.show(report.damagedFiles);
  }
}

function lineOf({ state, current, files, overdue, damaged, repaired }: AuditReport): string {
  const counts = `${count(files, 'file')}: ${overdue} to be verified, ${damaged} damaged, ${repaired} repaired.`;
  switch (state) {
    case 'off':
      return `The audit is switched off. ${counts}`;
    case 'idle':
      return counts;
    case 'verifying':
      return current ? `${counts} Now it reads ${current.path}.` : counts;
  }
}

const drawFile = ({ location, damagedPieces, reason }: FileFixity): HTMLLIElement =>
  element(
    'li',
    {},
    element('strong', {}, `${location.collection}/${location.path}`),
    element('p', {}, `${count(damagedPieces, 'damaged piece')}. ${reason ?? ''}`),
  );
