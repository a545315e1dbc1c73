import ipaddr from 'ipaddr.js';

const V6_SUBNET_BYTES = 8;

/** Address by which a caller is rate-limited: for IPv6 its /64, because one host has all of it. */
export function callerAddress(remote: string | undefined): string {
  if (remote === undefined || !ipaddr.isValid(remote)) return 'unknown';
  const address = ipaddr.process(remote);
  if (address.kind() === 'ipv4') return address.toString();
  const subnet = address.toByteArray().map((byte, index) => (index < V6_SUBNET_BYTES ? byte : 0));
  return `${ipaddr.fromByteArray(subnet).toString()}/64`;
}
