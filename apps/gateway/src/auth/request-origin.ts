/** What a browser says about where a request comes from. */
export interface OriginHeaders {
  readonly secFetchSite: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
}

/**
 * Whether a request comes from our own page. A cookie goes with requests of other pages as well: SameSite=Strict keeps
 * foreign sites out, but another port of the same host is the same site.
 */
export function isSameOrigin({ secFetchSite, origin, host }: OriginHeaders): boolean {
  if (secFetchSite !== undefined) return secFetchSite === 'same-origin';
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
