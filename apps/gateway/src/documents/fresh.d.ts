/** The package has no types of its own; this declares the part that is used here. */
declare module 'fresh' {
  /** Whether the client's copy is current (RFC 9110, section 13). */
  export default function fresh(
    request: { readonly 'if-none-match': string | undefined },
    response: { readonly etag: string },
  ): boolean;
}
