import { byId } from './element.ts';

const VIEWS = ['search', 'downloads', 'library', 'node'] as const;

/** Shows the view that the address names. */
export function showView(): void {
  const wanted = VIEWS.find((view) => location.hash === `#${view}`) ?? 'search';
  byId('view-sign-in', HTMLElement).hidden = true;
  for (const view of VIEWS) byId(`view-${view}`, HTMLElement).hidden = view !== wanted;
  for (const link of byId('navigation', HTMLElement).querySelectorAll('a')) {
    if (link.hash === `#${wanted}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

/** Shows the way in, and nothing else. */
export function showSignIn(): void {
  for (const view of VIEWS) byId(`view-${view}`, HTMLElement).hidden = true;
  byId('view-sign-in', HTMLElement).hidden = false;
  byId('api-key', HTMLInputElement).focus();
}
