import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type ControlClient, controlClient } from '../../../emulator/core/control-client.ts'
import { type Emulator, startEmulator } from '../../../emulator/start.ts'

export const VERSIONS = ['v3', '2026-09'] as const
export type Version = (typeof VERSIONS)[number]
export type Json = Record<string, unknown>

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by tests
  body: any
}

/** One emulated account, spoken to as `curl` would. Paths are named by what they are, in the version under test. */
export interface HubspotAccount {
  readonly control: ControlClient
  /** `objects('contacts/batch/create', body)` is a POST; without a body a GET. */
  objects(path: string, body?: unknown): Promise<Answer>
  properties(path: string, body?: unknown): Promise<Answer>
  /** v4 or dated. */
  associations(path: string, body?: unknown): Promise<Answer>
  account(): Promise<Answer>
  oauth(form: Record<string, string>, what?: 'introspect'): Promise<Answer>
  call(method: string, path: string, more?: { body?: unknown; token?: string | null }): Promise<Answer>
  /** Any area in this version: `path('owners')`. */
  path(area: string, rest?: string): string
  stored(object: string): Promise<Json[]>
  seed(object: string, rows: Json[]): Promise<string[]>
}

/** An emulator for the file, reset before each test. */
export function useAccount(version: Version): HubspotAccount {
  let emulator: Emulator | undefined
  const running = (): Emulator => {
    if (emulator === undefined) throw new Error('the emulator is not running yet')
    return emulator
  }
  const control = () => controlClient(running().controlUrl)
  beforeAll(async () => {
    emulator = await startEmulator()
  })
  beforeEach(() => control().reset())
  afterAll(() => running().close())
  const call: HubspotAccount['call'] = (method, path, more = {}) => exchange(`${running().url}${path}`, method, more)
  const path = (area: string, rest = '') => {
    const start = version === 'v3' ? `/crm/v3/${area}` : `/crm/${area}/${version}`
    return rest === '' ? start : `${start}/${rest}`
  }
  const post = (target: string, body: unknown) => call(body === undefined ? 'GET' : 'POST', target, { body })
  return {
    get control() {
      return control()
    },
    call,
    path,
    objects: (rest, body) => post(path('objects', rest), body),
    properties: (rest, body) => post(path('properties', rest), body),
    associations: (rest, body) =>
      post(version === 'v3' ? `/crm/v4/associations/${rest}` : path('associations', rest), body),
    account: () => post(`/account-info/${version}/details`, undefined),
    oauth: (form, what) => {
      const [issue, look] = version === 'v3' ? ['v1', 'v3'] : ['2026-03', '2026-03']
      const path = what === undefined ? `${issue}/token` : `${look}/token/introspect`
      return oauth(`${running().url}/oauth/${path}`, form)
    },
    stored: async (object) => (await control().records('hubspot', object)).map((row) => row.properties as Json),
    seed: (object, rows) => control().putRecords('hubspot', object, rows),
  }
}

async function exchange(
  url: string,
  method: string,
  { body, token = 'any' }: { body?: unknown; token?: string | null },
): Promise<Answer> {
  const headers = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    'content-type': 'application/json',
  }
  return answered(await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }))
}

async function oauth(url: string, form: Record<string, string>): Promise<Answer> {
  return answered(await fetch(url, { method: 'POST', body: new URLSearchParams(form) }))
}

async function answered(response: Response): Promise<Answer> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}

/** `inputs` with trace ids t0, t1, … */
export function traced(inputs: Json[]): { inputs: Json[] } {
  return { inputs: inputs.map((input, position) => ({ ...input, objectWriteTraceId: `t${position}` })) }
}

export const contact = (email: string, more: Json = {}): Json => ({ properties: { email, ...more } })

export const KEY = { name: 'customer_id', type: 'string', hasUniqueValue: true }

export const upsertOf = (id: string, idProperty: string, properties: Json = {}): Json => ({
  id,
  idProperty,
  properties: { [idProperty]: id, ...properties },
})
