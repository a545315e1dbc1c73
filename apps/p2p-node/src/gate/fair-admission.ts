/** Limits on the things that one holder, the holders of one subnet and all holders together may have at once. */
export interface AdmissionLimits {
  readonly perHolder: number;
  readonly perSubnet: number;
  readonly inTotal: number;
}

/** The holder of a thing, a peer or an address, and its subnet (IPv4 /24, IPv6 /48). */
export interface Origin {
  readonly holder: string;
  readonly subnet: string;
}

/** The limit that was reached. The names are labels of metrics. */
export type Excess = 'of-holder' | 'of-subnet' | 'in-total';

/** Result of an admission: admitted, possibly in place of an older thing, or refused. */
export type Admission<T> =
  | { readonly isAdmitted: true }
  | { readonly isAdmitted: true; readonly evicted: T; readonly excess: Excess }
  | { readonly isAdmitted: false; readonly excess: Excess };

/**
 * Bounds the number of things that strangers have at once. When a subnet or the total is full, the newcomer replaces the
 * oldest thing of the holder with most things, so that a crowd cannot lock out the others. Only a holder that itself has
 * most things is refused.
 */
export class FairAdmission<T> {
  /** The oldest comes first. */
  readonly #admitted = new Map<T, Origin>();
  readonly #ofHolder = new Counts();
  readonly #ofSubnet = new Counts();

  constructor(private readonly limits: AdmissionLimits) {}

  get size(): number {
    return this.#admitted.size;
  }

  has(thing: T): boolean {
    return this.#admitted.has(thing);
  }

  /** Admits a thing or refuses it. The caller ends the evicted one. */
  admit(thing: T, origin: Origin): Admission<T> {
    const excess = this.#excessOf(origin);
    if (!excess) return this.#add(thing, origin);
    const evicted = excess === 'of-holder' ? undefined : this.#oldestOfTheFullest(excess, origin);
    if (evicted === undefined) return { isAdmitted: false, excess };
    this.release(evicted);
    return { ...this.#add(thing, origin), evicted, excess };
  }

  /** Admits a thing in any case: a holder at its own limit loses its oldest thing. */
  admitNewest(thing: T, origin: Origin): Admission<T> {
    const admission = this.admit(thing, origin);
    if (admission.isAdmitted) return admission;
    const evicted = this.#oldest(({ holder }) => holder === origin.holder);
    if (evicted === undefined) return admission;
    this.release(evicted);
    return { ...this.#add(thing, origin), evicted, excess: admission.excess };
  }

  /** Frees the place of a thing; does nothing when it has none. */
  release(thing: T): void {
    const origin = this.#admitted.get(thing);
    if (!origin) return;
    this.#admitted.delete(thing);
    this.#ofHolder.add(origin.holder, -1);
    this.#ofSubnet.add(origin.subnet, -1);
  }

  #add(thing: T, origin: Origin): { isAdmitted: true } {
    this.#admitted.set(thing, origin);
    this.#ofHolder.add(origin.holder, 1);
    this.#ofSubnet.add(origin.subnet, 1);
    return { isAdmitted: true };
  }

  #excessOf({ holder, subnet }: Origin): Excess | undefined {
    const { perHolder, perSubnet, inTotal } = this.limits;
    if (this.#ofHolder.of(holder) >= perHolder) return 'of-holder';
    if (this.#ofSubnet.of(subnet) >= perSubnet) return 'of-subnet';
    return this.#admitted.size >= inTotal ? 'in-total' : undefined;
  }

  /** The oldest thing of the holder with most things, in the subnet with most; undefined when that is the newcomer. */
  #oldestOfTheFullest(excess: Excess, { holder, subnet }: Origin): T | undefined {
    const fullestSubnet = excess === 'of-subnet' ? subnet : this.#ofSubnet.most(subnet);
    const ofSubnet = new Counts();
    for (const each of this.#admitted.values()) if (each.subnet === fullestSubnet) ofSubnet.add(each.holder, 1);
    const fullest = ofSubnet.most(holder);
    if (fullest === holder) return undefined;
    return this.#oldest((each) => each.subnet === fullestSubnet && each.holder === fullest);
  }

  #oldest(isMeant: (origin: Origin) => boolean): T | undefined {
    for (const [thing, origin] of this.#admitted) if (isMeant(origin)) return thing;
    return undefined;
  }
}

/** Numbers by key; a key whose number is 0 takes no memory. */
class Counts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, difference: number): void {
    const count = this.of(key) + difference;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }

  /** The key with the highest number; the preferred one unless another has more. */
  most(preferred: string): string {
    let fullest = preferred;
    for (const [key, count] of this.#counts) if (count > this.of(fullest)) fullest = key;
    return fullest;
  }
}
