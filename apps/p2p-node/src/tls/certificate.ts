import { webcrypto } from 'node:crypto';
import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys';
import { type AbortOptions, type PeerId, type PrivateKey, UnexpectedPeerError } from '@libp2p/interface';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { encodeSignatureData } from '@libp2p/tls/utils';
import * as x509 from '@peculiar/x509';
import * as asn1 from 'asn1js';

/** The extension that holds the libp2p key and its signature (libp2p specs, tls/tls.md). */
const LIBP2P_KEY = '1.3.6.1.4.1.53594.1.1';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const SERIAL_NUMBER_BYTES = 8;
/** The whole time that a certificate can express: RFC 5280, 4.1.2.5, gives the last date the meaning "no expiry". */
const NOT_BEFORE = new Date('1970-01-01T00:00:00Z');
const NOT_AFTER = new Date('9999-12-31T23:59:59Z');

/** A certificate that does not prove the identity of a peer. */
export class InvalidCertificate extends Error {
  override readonly name = 'InvalidCertificate';
}

/** A certificate and its key in PEM, for one connection. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Signs a certificate that is valid at any time. That of @libp2p/tls begins an hour before the time on our clock, so a
 * peer whose clock is farther behind rejects it. The key lives as long as one connection: dates protect nothing here.
 */
export async function createCertificate(privateKey: PrivateKey, options?: AbortOptions): Promise<Certificate> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const spki = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  const signature = await privateKey.sign(encodeSignatureData(spki), options);
  const value = [publicKeyToProtobuf(privateKey.publicKey), signature].map(
    (bytes) => new asn1.OctetString({ valueHex: copyOf(bytes) }),
  );
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [new x509.Extension(LIBP2P_KEY, true, new asn1.Sequence({ value }).toBER())],
    },
    webcrypto,
  );
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}

/** The bytes alone: `slice` of a Buffer is a view, whose `buffer` is the pool with the bytes of others. */
const copyOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** A positive number in hexadecimal: its first bit is not set. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(SERIAL_NUMBER_BYTES));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

/**
 * Verifies the certificate of a peer and returns its id. Dates are not compared with our clock: peers of older versions,
 * and other programs, are let in too when their clock is off.
 */
export async function verifyCertificate(der: Uint8Array, expected?: PeerId): Promise<PeerId> {
  const certificate = new x509.X509Certificate(copyOf(der));
  const isSelfSigned =
    (await certificate.isSelfSigned(webcrypto)) && (await certificate.verify({ signatureOnly: true }, webcrypto));
  if (!isSelfSigned) throw new InvalidCertificate('The certificate is not signed by its own key.');
  const { key, signature } = libp2pKeyOf(certificate);
  const publicKey = publicKeyFromProtobuf(key);
  if (!(await publicKey.verify(encodeSignatureData(certificate.publicKey.rawData), signature)))
    throw new InvalidCertificate('The certificate is not signed by the key of its peer.');
  const peerId = peerIdFromPublicKey(publicKey);
  if (expected && !expected.equals(peerId)) throw new UnexpectedPeerError();
  return peerId;
}

function libp2pKeyOf({ extensions }: x509.X509Certificate): { key: Uint8Array; signature: Uint8Array } {
  const [extension] = extensions;
  if (extension?.type !== LIBP2P_KEY) throw new InvalidCertificate('The certificate names no libp2p key.');
  const { result } = asn1.fromBER(extension.value);
  const parts = result instanceof asn1.Sequence ? result.valueBlock.value : [];
  const [key, signature] = parts.map((part) => (part instanceof asn1.OctetString ? part.getValue() : undefined));
  if (!key || !signature) throw new InvalidCertificate('The libp2p key of the certificate cannot be read.');
  return { key: new Uint8Array(key), signature: new Uint8Array(signature) };
}
