import { readFileSync } from 'node:fs'
import { BackfeedError } from '../errors.ts'
import { Secret } from '../project/secret.ts'
import type { PostgresClientConfig } from './postgres-driver.ts'
import type { WarehouseSettings } from './warehouse.ts'

export interface PostgresConnection {
  client: PostgresClientConfig
  /** `host:port/database`, for messages. */
  endpoint: string
  /** Most connections at a time. */
  threads: number
  searchPath?: string
  /** Switched to after every login. */
  role?: string
}

const connectTimeoutMs = 10_000

/** libpq's words. `prefer` and `allow` would fall back to plain text in silence, which the driver cannot and we do not want. */
const sslModes: Readonly<Record<string, PostgresClientConfig['ssl']>> = {
  disable: false,
  require: { rejectUnauthorized: false },
  'verify-ca': { rejectUnauthorized: true, checkServerIdentity: () => undefined },
  'verify-full': { rejectUnauthorized: true },
}

/** Settings: url, or host, port, user, password, database (or dbname); sslmode?, sslrootcert?, role?, search_path?, threads?. */
export function postgresConnection(settings: WarehouseSettings): PostgresConnection {
  const url = plain(settings.url)
  const spread = ['host', 'port', 'user', 'password', 'database', 'dbname'].filter(
    (name) => settings[name] !== undefined,
  )
  if (url !== undefined && spread.length > 0) refuse(`give either url or ${spread.join(', ')}, not both`)
  const parts = url === undefined ? partsOf(settings) : partsOfUrl(url)
  const ssl = sslOf(parts.sslmode ?? plain(settings.sslmode), plain(settings.sslrootcert))
  const role = plain(settings.role)
  const searchPath = plain(settings.search_path)
  return {
    client: {
      host: parts.host,
      port: parts.port,
      user: parts.user,
      password: parts.password,
      database: parts.database,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      ...(ssl === undefined ? {} : { ssl }),
    },
    endpoint: `${parts.host}:${parts.port}/${parts.database ?? ''}`,
    threads: Number(settings.threads ?? 4),
    ...(searchPath === undefined ? {} : { searchPath }),
    ...(role === undefined ? {} : { role }),
  }
}

interface Parts {
  host: string
  port: number
  user: string | undefined
  password: string | undefined
  database: string | undefined
  sslmode?: string | undefined
}

function partsOf(settings: WarehouseSettings): Parts {
  return {
    host: plain(settings.host) ?? 'localhost',
    port: Number(plain(settings.port) ?? 5432),
    user: plain(settings.user),
    password: plain(settings.password),
    database: plain(settings.database) ?? plain(settings.dbname),
  }
}

function partsOfUrl(text: string): Parts {
  if (!URL.canParse(text)) refuse('url is not a URL like postgres://user:password@host:5432/database')
  const url = new URL(text)
  if (!/^postgres(ql)?:$/.test(url.protocol)) refuse('url must begin with postgres:// or postgresql://')
  const unknown = [...url.searchParams.keys()].filter((name) => name !== 'sslmode')
  if (unknown.length > 0) refuse(`url has parameters that are not supported: ${unknown.join(', ')}`)
  return {
    host: decodeURIComponent(url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, '')),
    port: Number(url.port === '' ? 5432 : url.port),
    user: decoded(url.username),
    password: decoded(url.password),
    database: decoded(url.pathname.slice(1)),
    sslmode: url.searchParams.get('sslmode') ?? undefined,
  }
}

function decoded(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text)
}

function sslOf(mode: string | undefined, rootCertificate: string | undefined): PostgresClientConfig['ssl'] {
  if (rootCertificate !== undefined) return withAuthority(mode, rootCertificate)
  if (mode === undefined) return undefined
  if (!(mode in sslModes)) refuse(`sslmode "${mode}" is not supported; use one of: ${Object.keys(sslModes).join(', ')}`)
  return sslModes[mode]
}

function withAuthority(mode: string | undefined, file: string): PostgresClientConfig['ssl'] {
  const verified = mode === 'verify-ca' || mode === 'verify-full' ? sslModes[mode] : undefined
  if (typeof verified !== 'object') refuse('sslrootcert needs sslmode verify-ca or verify-full')
  try {
    return { ...verified, ca: readFileSync(file, 'utf8') }
  } catch {
    return refuse(`sslrootcert "${file}" cannot be read`)
  }
}

function plain(value: WarehouseSettings[string] | undefined): string | undefined {
  if (value === undefined) return undefined
  return value instanceof Secret ? value.reveal() : String(value)
}

function refuse(message: string): never {
  throw new BackfeedError({ code: 'E-CFG-VALUE', message: `target settings: ${message}` })
}
