/** Headers by which a browser names the origin of a request. */
export interface OriginHeaders {
  readonly secFetchSite: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
}

/**
 * Whether a request comes from our own page. Browsers send a cookie with requests of other pages as well. SameSite=Strict
 * excludes foreign sites, but another port of the same host is the same site.
 */
export function isSameOrigin({ secFetchSite, origin, host }: OriginHeaders): boolean {
  if (secFetchSite !== undefined) return secFetchSite === 'same-origin';
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
