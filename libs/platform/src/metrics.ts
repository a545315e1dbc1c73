import {
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
  collectDefaultMetrics,
} from 'prom-client';

/** The metrics of one service: named `allibrary_<noun>_<unit>`, no label that holds an id, path, peer or query. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #observers: (() => Promise<void>)[] = [];

  constructor(service: string) {
    this.#registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.#registry });
    // Gauges that end in _total, which promtool rightly calls wrong; the same numbers come with a label for each kind.
    for (const kind of ['handles', 'requests', 'resources']) {
      this.#registry.removeSingleMetric(`nodejs_active_${kind}_total`);
    }
  }

  /** The media type of {@link expose}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** A number that only grows. */
  counter<L extends string>(options: CounterConfiguration<L>): Counter<L> {
    return new Counter({ ...options, registers: [this.#registry] });
  }

  /** A number that rises and falls. */
  gauge<L extends string>(options: GaugeConfiguration<L>): Gauge<L> {
    return new Gauge({ ...options, registers: [this.#registry] });
  }

  /** Counts of observations by size. */
  histogram<L extends string>(options: HistogramConfiguration<L>): Histogram<L> {
    return new Histogram({ ...options, registers: [this.#registry] });
  }

  /** Looks, before each answer, at what several gauges show together; `observe` never rejects. */
  beforeExposing(observe: () => Promise<void>): void {
    this.#observers.push(observe);
  }

  /** All metrics in Prometheus' text format. */
  async expose(): Promise<string> {
    await Promise.all(this.#observers.map((observe) => observe()));
    return this.#registry.metrics();
  }
}
