import type { Limits, TrafficReport, WeekSpan } from '@allibrary/contracts';
import { type Revised, api } from './api.ts';
import { attempt } from './attempt.ts';
import { byId } from './element.ts';
import { formatBytes, formatSpeed } from './format.ts';

const KILOBYTE = 1_000;
const GIGABYTE = 1_000_000_000;
const WORKING_DAYS: WeekSpan['days'] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];
const REFRESH_MS = 5_000;

const BECAUSE: Readonly<Record<TrafficReport['limits']['because'], string>> = {
  limits: '',
  'by-hand': ' (the alternative ones)',
  schedule: ' (by the schedule)',
  budget: ' (the traffic of this month is used up)',
};

/** Shows and changes the node's limits. What the form can't show, such as a longer schedule, stays as it is. */
export class LimitsForm {
  readonly #form = byId('limits-form', HTMLFormElement);
  #seen: Revised<Limits> | null = null;

  constructor() {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      attempt(() => this.#save());
    });
    window.setInterval(() => this.#seen !== null && !document.hidden && attempt(() => this.#showTraffic()), REFRESH_MS);
  }

  load(): void {
    attempt(async () => {
      this.#show(await api.limits());
      await this.#showTraffic();
    });
  }

  async #save(): Promise<void> {
    if (this.#seen === null) return;
    this.#show(await api.setLimits(this.#read(this.#seen.value), this.#seen.revision));
    await this.#showTraffic();
  }

  #show(seen: Revised<Limits>): void {
    this.#seen = seen;
    const { value } = seen;
    const [span] = value.schedule;
    this.#field('download').value = inUnits(value.downloadBytesPerSecond, KILOBYTE);
    this.#field('upload').value = inUnits(value.uploadBytesPerSecond, KILOBYTE);
    this.#field('alternativeDownload').value = inUnits(value.alternative.downloadBytesPerSecond, KILOBYTE);
    this.#field('alternativeUpload').value = inUnits(value.alternative.uploadBytesPerSecond, KILOBYTE);
    this.#field('activeDownloads').value = String(value.activeDownloads);
    this.#field('budget').value = inUnits(value.budget.bytesPerMonth, GIGABYTE);
    this.#field('useAlternative').checked = value.useAlternative;
    this.#field('scheduled').checked = span !== undefined;
    if (span) {
      this.#field('from').value = span.from;
      this.#field('to').value = span.to;
    }
  }

  #read(before: Limits): Limits {
    const number = (name: string, unit: number): number | null => {
      const { value } = this.#field(name);
      return value === '' ? null : Math.round(Number(value) * unit);
    };
    return {
      ...before,
      downloadBytesPerSecond: number('download', KILOBYTE),
      uploadBytesPerSecond: number('upload', KILOBYTE),
      alternative: {
        downloadBytesPerSecond: number('alternativeDownload', KILOBYTE),
        uploadBytesPerSecond: number('alternativeUpload', KILOBYTE),
      },
      useAlternative: this.#field('useAlternative').checked,
      schedule: this.#schedule(before),
      budget: { ...before.budget, bytesPerMonth: number('budget', GIGABYTE) },
      activeDownloads: number('activeDownloads', 1) ?? before.activeDownloads,
    };
  }

  #schedule({ schedule: [first, ...others] }: Limits): WeekSpan[] {
    if (!this.#field('scheduled').checked) return [];
    const span = { from: this.#field('from').value, to: this.#field('to').value };
    return [{ days: first?.days ?? WORKING_DAYS, ...span }, ...others];
  }

  async #showTraffic(): Promise<void> {
    const { limits, month } = await api.traffic();
    const limit = (bytesPerSecond: number | null) =>
      bytesPerSecond === null ? 'no limit' : formatSpeed(bytesPerSecond);
    const now = `Now: ↓ ${limit(limits.downloadBytesPerSecond)}, ↑ ${limit(limits.uploadBytesPerSecond)}${BECAUSE[limits.because]}.`;
    const used = ` Since ${month.since}: ↓ ${formatBytes(month.receivedBytes)}, ↑ ${formatBytes(month.sentBytes)}`;
    const of =
      month.budgetBytes === null ? '' : `, ${formatBytes(month.countedBytes)} of ${formatBytes(month.budgetBytes)}`;
    const forecast =
      month.forecastBytes === null ? '.' : `; at this rate ${formatBytes(month.forecastBytes)} in the whole month.`;
    const line = byId('traffic-line', HTMLParagraphElement);
    if (line.textContent !== now + used + of + forecast) line.textContent = now + used + of + forecast;
  }

  #field(name: string): HTMLInputElement {
    const field = this.#form.elements.namedItem(name);
    if (!(field instanceof HTMLInputElement)) throw new Error(`the form of the limits has no field ${name}`);
    return field;
  }
}

const inUnits = (bytes: number | null, unit: number): string => (bytes === null ? '' : String(bytes / unit));
