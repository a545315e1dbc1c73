/** A branch of the queue: what waits for it itself, and the branches below it. */
class Branch<T> {
  readonly below = new Map<string, Branch<T>>();
  readonly waiting: { readonly bytes: number; readonly item: T }[] = [];
  /** How many items wait here and below. */
  size = 0;
  /** The branch's turn among its siblings: the one with the lowest is served next. */
  turn = 0;
  /** The turn of the branch below that was served last. */
  clock = 0;
}

/**
 * Items that wait for bytes, in fair order: at each level of their paths those that wait are served the same number
 * of bytes, however many items they have waiting (start-time fair queueing, Goyal and others, 1996).
 */
export class FairQueue<T> {
  readonly #root = new Branch<T>();

  /** How many items wait. */
  get size(): number {
    return this.#root.size;
  }

  /** Appends an item to those of its path. */
  push(path: readonly string[], bytes: number, item: T): void {
    this.#root.size += 1;
    let branch = this.#root;
    for (const name of path) branch = this.#enter(branch, name);
    branch.waiting.push({ bytes, item });
  }

  /** Takes out the item whose turn it is. */
  shift(): { bytes: number; item: T } | undefined {
    return this.#root.size === 0 ? undefined : this.#take(this.#root);
  }

  /** Takes out items that no longer want to wait; answers how many bytes they waited for. */
  remove(path: readonly string[], isUnwanted: (item: T) => boolean): number {
    const branches = [this.#root];
    for (const name of path) {
      const next = branches.at(-1)?.below.get(name);
      if (!next) return 0;
      branches.push(next);
    }
    const waiting = branches.at(-1)?.waiting ?? [];
    const gone = waiting.filter(({ item }) => isUnwanted(item));
    for (const entry of gone) waiting.splice(waiting.indexOf(entry), 1);
    for (const branch of branches) branch.size -= gone.length;
    return gone.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The branch of the name, with one more item: one that was idle does not save up what it has not used. */
  #enter(parent: Branch<T>, name: string): Branch<T> {
    const branch = parent.below.get(name) ?? new Branch<T>();
    parent.below.set(name, branch);
    if (branch.size === 0) branch.turn = Math.max(branch.turn, parent.clock);
    branch.size += 1;
    return branch;
  }

  #take(branch: Branch<T>): { bytes: number; item: T } | undefined {
    branch.size -= 1;
    const own = branch.waiting.shift();
    if (own) return own;
    const next = nextOf(branch);
    if (!next) return undefined;
    branch.clock = next.turn;
    const taken = this.#take(next);
    next.turn += taken?.bytes ?? 0;
    forgetIdle(branch);
    return taken;
  }
}

/** The branch whose turn it is. */
function nextOf<T>({ below }: Branch<T>): Branch<T> | undefined {
  let next: Branch<T> | undefined;
  for (const branch of below.values()) if (branch.size > 0 && (!next || branch.turn < next.turn)) next = branch;
  return next;
}

/** Drops branches that would come back as they would begin; the others must be remembered, or they were served twice. */
function forgetIdle<T>({ below, clock, size }: Branch<T>): void {
  for (const [name, branch] of below) if (branch.size === 0 && (size === 0 || branch.turn <= clock)) below.delete(name);
}
