const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/**
 * Whether a Host header names this server in a way that no foreign page can: by an IP address, a name without dots, or one
 * of the given names. A page of a foreign site may make its own name resolve to this machine (DNS rebinding), and a browser
 * then sends that name; public names have dots.
 */
export function isOwnName(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return true; // no browser leaves it out
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return IPV4.test(hostname) || hostname.startsWith('[') || !hostname.includes('.') || names.includes(hostname);
}
