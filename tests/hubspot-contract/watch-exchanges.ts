/** Setup file of test:contract: every request to the emulated HubSpot of every suite, and its answer, is held to the contract. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, expect, vi } from 'vitest'
import type { CrmRequest } from '../../emulator/core/crm.ts'
import { payloadOf } from '../../emulator/core/send-response.ts'
import { checkExchange, type Exchange } from './check-exchange.ts'
import { readContract } from './contract-folder.ts'
import { situationsIn } from './seen-deviations.ts'
import { emptyTally, TALLY_VARIABLE } from './tally.ts'

const contract = readContract()
const tally = emptyTally()
let rest: string[] = []

function watch(
  request: CrmRequest,
  { status, body, invented = false }: { status: number; body: Buffer; invented?: boolean },
): void {
  const { method, path, query, headers } = request
  const exchange: Exchange = {
    request: { method, path: path.replace(/\/$/, ''), query, headers, body: parsed(request.body) },
    answer: { status, body: parsed(body), invented },
  }
  const verdict = checkExchange(contract, exchange)
  tally.exchanges[verdict.checked] += 1
  for (const id of verdict.used) tally.used[id] = (tally.used[id] ?? 0) + 1
  if (!invented) for (const name of situationsIn(exchange)) tally.seen[name] = (tally.seen[name] ?? 0) + 1
  rest.push(...verdict.rest)
}

function parsed(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

vi.mock(import('../../emulator/hubspot/hubspot-crm.ts'), async (importOriginal) => {
  const original = await importOriginal()
  return {
    createHubspotCrm: (context) => {
      const crm = original.createHubspotCrm(context)
      const handle: typeof crm.handle = (request) => {
        const answer = crm.handle(request)
        watch(request, { status: answer.status, body: Buffer.concat([...payloadOf(answer.body).pieces]) })
        return answer
      }
      return { ...crm, handle }
    },
  }
})

// An injected answer never comes to the CRM; the journal has it.
vi.mock(import('../../emulator/core/journal.ts'), async (importOriginal) => {
  const original = await importOriginal()
  return {
    ...original,
    Journal: class extends original.Journal {
      override add(record: Parameters<InstanceType<typeof original.Journal>['add']>[0]): void {
        const { crm, status, fault, body, response } = record
        if (crm === 'hubspot' && status !== null && fault?.status !== undefined && Buffer.isBuffer(response)) {
          const [path = '', search = ''] = record.path.split('?')
          const { method, headers } = record
          const sent = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
          // Of gateways anything may come; any other body of a test's own is not the emulator's.
          const invented = fault.body !== undefined && status < 500
          const request = { method, path, query: new URLSearchParams(search), headers, body: sent }
          watch(request, { status, body: response, invented })
        }
        super.add(record)
      }
    },
  }
})

afterEach(() => {
  const found = rest
  rest = []
  tally.violations += found.length
  expect(found, 'exchanges that the contract does not allow').toEqual([])
})

afterAll(() => {
  const folder = process.env[TALLY_VARIABLE]
  if (folder !== undefined) appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(tally)}\n`)
})
