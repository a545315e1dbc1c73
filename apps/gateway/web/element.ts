type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Makes an element. Text becomes text nodes and nothing else: a peer's text can't become markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== false) made.setAttribute(name, String(value));
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Makes a button; `focusKey` lets it keep the focus when its list is redrawn. */
export function button(
  label: string,
  focusKey: string,
  onClick: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const made = element('button', { type: 'button', 'data-focus': focusKey, ...attributes }, label);
  made.addEventListener('click', onClick);
  return made;
}

/** Finds an element of the page that must be there. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`);
  return found;
}

/** Shows an error until the next success. */
export function notify(message: string | null): void {
  const notice = byId('notice', HTMLParagraphElement);
  if (notice.textContent === (message ?? '')) return; // a screen reader would read it again
  notice.textContent = message;
  notice.hidden = message === null;
}
