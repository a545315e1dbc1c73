type Fields = Readonly<Record<string, unknown>>;

/** Writes one line of a log. */
export type WriteLine = (fields: Fields, message: string) => void;

const EVERY_MS = 60_000;
/** Kinds beyond these are counted together: the name of a kind may come from a document or a peer. */
const MOST_KINDS = 20;
const OTHERS = 'others';

/** How events of one kind are summed. */
export interface SumOptions {
  /** What happened, in the plural, such as "documents indexed by name only". */
  readonly what: string;
  /** Whether the owner may have to act: the first event is then logged at once. */
  readonly isUrgent?: boolean;
  readonly everyMs?: number;
}

/** Logs what happens often as one line a minute, with the number of events of each kind. */
export class LogSums {
  readonly #kinds = new Map<string, number>();
  readonly #everyMs: number;
  #latest: { readonly fields: Fields; readonly message: string } | undefined;
  #minute: NodeJS.Timeout | undefined;

  constructor(
    private readonly write: WriteLine,
    private readonly options: SumOptions,
    /** Writes each event that is only counted, for a search for a single one. */
    private readonly writeDetail: WriteLine = () => {},
  ) {
    this.#everyMs = options.everyMs ?? EVERY_MS;
  }

  /** Counts an event. Its fields and message are logged when it is the only one, or serve as the example. */
  add(kind: string, fields: Fields, message: string): void {
    if (this.#minute === undefined && this.options.isUrgent) this.write(fields, message);
    else this.#count(kind, fields, message);
    this.#minute ??= setTimeout(() => this.#endMinute(), this.#everyMs).unref();
  }

  /** Logs what is not logged yet. */
  flush(): void {
    clearTimeout(this.#minute);
    this.#minute = undefined;
    this.#log();
  }

  #count(kind: string, fields: Fields, message: string): void {
    const counted = this.#kinds.has(kind) || this.#kinds.size < MOST_KINDS ? kind : OTHERS;
    this.#kinds.set(counted, (this.#kinds.get(counted) ?? 0) + 1);
    this.#latest = { fields, message };
    this.writeDetail(fields, message);
  }

  /** After a minute without an event the next one is the first again. */
  #endMinute(): void {
    this.#minute = undefined;
    if (this.#log()) this.#minute = setTimeout(() => this.#endMinute(), this.#everyMs).unref();
  }

  #log(): boolean {
    const latest = this.#latest;
    if (!latest) return false;
    const kinds = [...this.#kinds].toSorted(([, one], [, other]) => other - one);
    const total = kinds.reduce((sum, [, count]) => sum + count, 0);
    this.#latest = undefined;
    this.#kinds.clear();
    if (total === 1) this.write(latest.fields, latest.message);
    else this.#logSum(total, kinds, latest.fields);
    return true;
  }

  #logSum(total: number, kinds: readonly (readonly [string, number])[], example: Fields): void {
    const seconds = Math.round(this.#everyMs / 1_000);
    const parts = kinds.map(([kind, count]) => `${kind} ${count}`).join(', ');
    const message = `${total} ${this.options.what} within ${seconds} s: ${parts}`;
    this.write({ total, kinds: Object.fromEntries(kinds), example }, message);
  }
}
