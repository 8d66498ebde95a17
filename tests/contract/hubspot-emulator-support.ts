import type { Crm } from '../../emulator/core/crm.ts'
import { SeededRandom } from '../../emulator/core/seeded-random.ts'
import { createHubspotCrm } from '../../emulator/hubspot/hubspot-crm.ts'

export type Json = Record<string, unknown>

export interface Answer {
  status: number
  headers: Readonly<Record<string, string>>
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by tests
  body: any
}

export interface TestPortal {
  crm: Crm
  state: { nowMs: number; request: number | 'control' }
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Answer
  /** POST to a v3 objects path: `post('contacts/batch/read', …)`. */
  post(path: string, body: unknown): Answer
  properties(object: string, properties: Json[]): void
  /** Stored properties of one record by id. */
  stored(object: string, id: string): Json
}

export function testPortal(options: { seed?: number; policies?: unknown } = {}): TestPortal {
  const state: TestPortal['state'] = { nowMs: Date.UTC(2026, 9, 1, 12), request: 'control' }
  const context = {
    clock: { nowMs: () => state.nowMs },
    random: new SeededRandom(options.seed ?? 1),
    currentRequest: () => state.request,
  }
  const crm = createHubspotCrm(context)
  if (options.policies !== undefined) crm.policies?.put(options.policies)
  const call: TestPortal['call'] = (method, target, body, headers = { authorization: 'Bearer token' }) => {
    const [path = '', search = ''] = target.split('?')
    const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
    const answer = crm.handle({ method, path, query: new URLSearchParams(search), headers, body: bytes })
    const wire = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body))
    return { status: answer.status, headers: answer.headers ?? {}, body: wire }
  }
  return {
    crm,
    state,
    call,
    post: (path, body) => call('POST', `/crm/v3/objects/${path}`, body),
    properties: (object, properties) => crm.putSchema(object, { properties }),
    stored: (object, id) => {
      const record = crm.records(object).find((one) => one.id === id)
      return (record?.properties ?? {}) as Json
    },
  }
}

/** `inputs` with trace ids t0, t1, … */
export function traced(inputs: Json[]): { inputs: Json[] } {
  return { inputs: inputs.map((input, position) => ({ ...input, objectWriteTraceId: `t${position}` })) }
}

export const EXTERNAL_KEY = { name: 'customer_id', type: 'string', hasUniqueValue: true }
