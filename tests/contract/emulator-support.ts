import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type ControlClient, controlClient } from '../../emulator/core/control-client.ts'
import type { CrmName } from '../../emulator/core/crm.ts'
import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator/start.ts'

export interface Answer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by tests
  body: any
}

export interface Call {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

export interface TestEmulator {
  readonly url: string
  readonly controlUrl: string
  control: ControlClient
  /** A path below /services/data/v66.0, with a token and assignment rules off. */
  api(path: string, call?: Call): Promise<Answer>
  /** Any path of the CRM port, with nothing added. */
  raw(path: string, call?: Call): Promise<Answer>
  /** Any path of the control port. */
  plane(path: string, call?: Call): Promise<Answer>
}

/** One emulator per test file, reset before every test. */
export function useEmulator(options: EmulatorOptions = {}): TestEmulator {
  let emulator: Emulator | undefined
  const running = (): Emulator => {
    if (emulator === undefined) throw new Error('the emulator is not running yet')
    return emulator
  }
  beforeAll(async () => {
    emulator = await startEmulator(options)
  })
  beforeEach(() => controlClient(running().controlUrl).reset())
  afterAll(() => running().close())
  const authorized = { authorization: 'Bearer any', 'sforce-auto-assign': 'FALSE' }
  return {
    get url() {
      return running().url
    },
    get controlUrl() {
      return running().controlUrl
    },
    get control() {
      return controlClient(running().controlUrl)
    },
    api: (path, call = {}) =>
      exchange(`${running().url}/services/data/v66.0${path}`, { ...call, headers: { ...authorized, ...call.headers } }),
    raw: (path, call = {}) => exchange(`${running().url}${path}`, call),
    plane: (path, call = {}) => exchange(`${running().controlUrl}${path}`, call),
  }
}

export async function exchange(url: string, call: Call): Promise<Answer> {
  const isText = typeof call.body === 'string'
  const body = call.body === undefined ? {} : { body: isText ? String(call.body) : JSON.stringify(call.body) }
  const type: Record<string, string> = isText || call.body === undefined ? {} : { 'content-type': 'application/json' }
  const init = { method: call.method ?? 'GET', headers: { ...type, ...call.headers }, ...body }
  const response = await fetch(url, { ...init, redirect: 'manual' })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parsed(text) }
}

export const CRMS: readonly CrmName[] = ['salesforce', 'hubspot']

export const ACCOUNT_FIELDS = {
  fields: [
    { name: 'Customer_Id__c', type: 'string', length: 64, externalId: true, unique: true },
    { name: 'Legacy_Id__c', type: 'string', length: 20, externalId: true },
    { name: 'LTV__c', type: 'currency' },
    { name: 'Risk_Score__c', type: 'double', precision: 3, scale: 0 },
    { name: 'Usage_Segment__c', type: 'picklist', picklistValues: ['power', 'core', 'light', 'dormant'] },
    { name: 'Interests__c', type: 'multipicklist', picklistValues: ['a', 'b', 'c'] },
    { name: 'Active__c', type: 'boolean' },
    { name: 'Billing_Email__c', type: 'email' },
    { name: 'Renewal__c', type: 'date' },
    { name: 'Seen_At__c', type: 'datetime' },
    { name: 'Score__c', type: 'double', calculated: true, createable: false, updateable: false },
  ],
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
