/** Keys and elements of a list's items. */
export interface KeyedListOptions<T, X> {
  readonly list: HTMLElement;
  readonly keyOf: (item: T) => string;
  /** What an item's look depends on beyond itself. */
  readonly contextOf: (item: T) => X;
  readonly draw: (item: T, context: X) => HTMLElement;
}

/** Draws a list of things that change: what has not changed stays, and the focus does too. */
export class KeyedList<T, X = null> {
  readonly #drawn = new Map<string, { signature: string; node: HTMLElement }>();

  constructor(private readonly options: KeyedListOptions<T, X>) {}

  show(items: readonly T[]): void {
    const { list, keyOf } = this.options;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['focus'] : undefined;
    const nodes = items.map((item) => this.#nodeOf(item));
    if (nodes.length !== list.children.length || nodes.some((node, at) => node !== list.children[at]))
      list.replaceChildren(...nodes);
    this.#forgetAllBut(new Set(items.map(keyOf)));
    if (focused !== undefined && document.activeElement === document.body)
      list.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  #nodeOf(item: T): HTMLElement {
    const { keyOf, contextOf, draw } = this.options;
    const context = contextOf(item);
    const signature = JSON.stringify([item, context]);
    const before = this.#drawn.get(keyOf(item));
    if (before?.signature === signature) return before.node;
    const node = draw(item, context);
    this.#drawn.set(keyOf(item), { signature, node });
    return node;
  }

  #forgetAllBut(keys: ReadonlySet<string>): void {
    for (const key of this.#drawn.keys()) if (!keys.has(key)) this.#drawn.delete(key);
  }
}
