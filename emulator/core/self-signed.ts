import { generateKeyPairSync, sign } from 'node:crypto'

export interface TlsPair {
  /** PEM. */
  key: string
  /** PEM; a client must be told to trust it. */
  cert: string
}

const OID = {
  commonName: '550403',
  ecdsaWithSha256: '2a8648ce3d040302',
  basicConstraints: '551d13',
  subjectAltName: '551d11',
} as const

const VALID_DAYS = 3650

/** A certificate for localhost and 127.0.0.1 (RFC 5280, ECDSA P-256), its own issuer. A new key with every call. */
export function selfSigned(nowMs: number): TlsPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const name = sequence(set(sequence(oid(OID.commonName), utf8('localhost'))))
  const validity = sequence(utcTime(nowMs - 86_400_000), utcTime(nowMs + VALID_DAYS * 86_400_000))
  const toSign = sequence(
    tagged(0xa0, integer(2)),
    integer(nowMs),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(constraints(), alternativeNames())),
  )
  const signature = bitString(sign('sha256', toSign, privateKey))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(sequence(toSign, algorithm, signature)),
  }
}

// It signs itself, so it must say that it may sign: some clients accept no other root.
function constraints(): Buffer {
  const isAuthority = tagged(0x01, Buffer.from([0xff]))
  return sequence(oid(OID.basicConstraints), tagged(0x01, Buffer.from([0xff])), octets(sequence(isAuthority)))
}

function alternativeNames(): Buffer {
  const names = sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1])))
  return sequence(oid(OID.subjectAltName), octets(names))
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function set(...parts: Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts))
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'))
}

function utf8(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text))
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content)
}

function bitString(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]))
}

function integer(value: number): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return tagged(0x02, (bytes[0] ?? 0) >= 128 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

function utcTime(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return tagged(0x17, Buffer.from(`${text}Z`))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
