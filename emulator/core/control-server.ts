import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { count, record, records, strictKeys } from './control-input.ts'
import { type BulkControl, ControlError, type CrmPolicies } from './crm.ts'
import type { EmulatorState } from './emulator-state.ts'
import { readBody } from './read-body.ts'
import { payloadOf, sendResponse } from './send-response.ts'

export interface ControlServerOptions {
  state: EmulatorState
  onChange: () => void
  onReset: () => void
}

interface ControlCall {
  options: ControlServerOptions
  state: EmulatorState
  /** Decoded path segments after the route's own word. */
  args: readonly string[]
  body: unknown
}

const PIECE_CHARS = 1 << 16

/** Answer of a route: JSON, or pieces of one JSON text. */
type Answer = { json: unknown } | { pieces: Iterable<string> }
type Handler = (call: ControlCall) => Answer

interface Route {
  /** First path segment. */
  word: string
  args: number
  methods: Readonly<Record<string, Handler>>
}

/**
 * The control plane. Operators' scripts use it, so it only grows.
 * Errors are `{"error": text}` with 400 (bad input), 404 (no such path, CRM or object) or 405.
 */
const ROUTES: readonly Route[] = [
  { word: 'health', args: 0, methods: { GET: health } },
  { word: 'reset', args: 0, methods: { POST: reset } },
  { word: 'journal', args: 0, methods: { GET: journal, DELETE: clearJournal } },
  { word: 'records', args: 2, methods: { GET: listRecords, POST: putRecords } },
  { word: 'history', args: 3, methods: { GET: history } },
  { word: 'schema', args: 2, methods: { GET: getSchema, PUT: putSchema } },
  { word: 'policies', args: 1, methods: { GET: getPolicies, PUT: putPolicies, DELETE: clearPolicies } },
  { word: 'acts', args: 2, methods: { POST: act } },
  { word: 'faults', args: 0, methods: { POST: addFaults, DELETE: clearFaults } },
  { word: 'bulk', args: 1, methods: { GET: bulkSettings, PUT: changeBulk } },
  { word: 'bulk', args: 2, methods: { GET: bulkJobs } },
  { word: 'bulk', args: 3, methods: { PUT: endBulkJob } },
  { word: 'clock', args: 0, methods: { POST: advanceClock } },
]

export function controlListener(
  options: ControlServerOptions,
): (request: IncomingMessage, out: ServerResponse) => void {
  return (incoming, out) => {
    void answer(options, incoming, out).catch(() => out.destroy())
  }
}

async function answer(options: ControlServerOptions, incoming: IncomingMessage, out: ServerResponse): Promise<void> {
  const read = await readBody(incoming)
  if ('problem' in read) return send(out, 400, { error: `request body ${read.problem}` })
  try {
    const { handler, args } = find(incoming)
    const result = handler({ options, state: options.state, args, body: parsed(read.body) })
    if ('pieces' in result) await sendPieces(out, result.pieces)
    else send(out, 200, result.json)
  } catch (error) {
    const status = error instanceof ControlError ? error.status : 500
    send(out, status, { error: error instanceof Error ? error.message : String(error) })
  }
}

function find(incoming: IncomingMessage): { handler: Handler; args: readonly string[] } {
  const path = (incoming.url ?? '/').split('?', 1)[0] ?? '/'
  const [word, ...args] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode)
  const route = ROUTES.find((one) => one.word === word && one.args === args.length)
  if (!route) throw new ControlError(404, `no such path on the control plane: ${path}`)
  const handler = route.methods[incoming.method ?? 'GET']
  if (!handler) throw new ControlError(405, `${path} takes ${Object.keys(route.methods).join(' or ')}`)
  return { handler, args }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new ControlError(400, `path segment '${part}' is not valid percent-encoding`)
  }
}

function parsed(body: Buffer): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new ControlError(400, 'request body is not valid JSON')
  }
}

function health({ state }: ControlCall): Answer {
  const time = new Date(state.clock.nowMs()).toISOString()
  return { json: { status: 'ok', crms: state.crms.map((crm) => crm.name), seed: state.seed, time } }
}

function reset({ state, options }: ControlCall): Answer {
  state.reset()
  options.onReset()
  return { json: { status: 'ok' } }
}

function journal({ state }: ControlCall): Answer {
  return { pieces: jsonArray(state.journal.entries()) }
}

function clearJournal({ state }: ControlCall): Answer {
  state.journal.clear()
  return { json: { status: 'ok' } }
}

function listRecords({ state, args: [crm = '', object = ''] }: ControlCall): Answer {
  return { pieces: jsonArray(state.crm(crm).records(object)) }
}

function putRecords({ state, options, args: [crm = '', object = ''], body }: ControlCall): Answer {
  const ids = state.crm(crm).putRecords(object, records(body, 'body'))
  options.onChange()
  return { json: ids }
}

function history({ state, args: [crm = '', object = '', id = ''] }: ControlCall): Answer {
  return { json: state.crm(crm).history(object, id) }
}

function getSchema({ state, args: [crm = '', object = ''] }: ControlCall): Answer {
  return { json: state.crm(crm).schema(object) }
}

function putSchema({ state, options, args: [crm = '', object = ''], body }: ControlCall): Answer {
  state.crm(crm).putSchema(object, record(body, 'body'))
  options.onChange()
  return { json: state.crm(crm).schema(object) }
}

function policiesOf({ state, args: [crm = ''] }: ControlCall): CrmPolicies {
  const { policies } = state.crm(crm)
  if (policies === undefined) throw new ControlError(404, `${crm} has no policies`)
  return policies
}

function getPolicies(call: ControlCall): Answer {
  return { json: policiesOf(call).get() }
}

function putPolicies(call: ControlCall): Answer {
  const policies = policiesOf(call)
  policies.put(call.body)
  call.options.onChange()
  return { json: policies.get() }
}

function clearPolicies(call: ControlCall): Answer {
  policiesOf(call).clear()
  call.options.onChange()
  return { json: { status: 'ok' } }
}

function act({ state, options, args: [crm = '', name = ''], body }: ControlCall): Answer {
  const found = state.crm(crm)
  if (found.act === undefined) throw new ControlError(404, `${crm} has no acts`)
  const json = found.act(name, body) ?? { status: 'ok' }
  options.onChange()
  return { json }
}

function addFaults({ state, body }: ControlCall): Answer {
  return { json: { added: state.faults.add(body) } }
}

function clearFaults({ state }: ControlCall): Answer {
  state.faults.clear()
  return { json: { status: 'ok' } }
}

function advanceClock({ state, options, body }: ControlCall): Answer {
  const input = record(body, 'body')
  strictKeys(input, ['advance_ms'], 'body')
  state.clock.advance(count(input.advance_ms, { min: 0, where: 'advance_ms' }))
  for (const crm of state.crms) crm.clockMoved?.()
  options.onChange()
  return { json: { now: new Date(state.clock.nowMs()).toISOString() } }
}

function bulkOf({ state, args: [crm = '', word] }: ControlCall): BulkControl {
  const { bulk } = state.crm(crm)
  if (bulk === undefined) throw new ControlError(404, `${crm} has no bulk jobs`)
  if (word !== undefined && word !== 'jobs') throw new ControlError(404, `/bulk/${crm} has jobs, not '${word}'`)
  return bulk
}

function bulkSettings(call: ControlCall): Answer {
  return { json: bulkOf(call).settings() }
}

function changeBulk(call: ControlCall): Answer {
  bulkOf(call).configure(call.body)
  return bulkSettings(call)
}

function bulkJobs(call: ControlCall): Answer {
  return { pieces: jsonArray(bulkOf(call).jobs()) }
}

function endBulkJob(call: ControlCall): Answer {
  const json = bulkOf(call).endJob(call.args[2] ?? '', call.body)
  call.options.onChange()
  return { json }
}

function send(out: ServerResponse, status: number, json: unknown): void {
  sendResponse(out, { status, payload: payloadOf(json) }, { acceptEncoding: undefined })
}

// In pieces: a journal of a load test is longer than the longest string.
function* jsonArray(items: Iterable<unknown>): IterableIterator<string> {
  let text = '['
  let separator = ''
  for (const item of items) {
    text += `${separator}${JSON.stringify(item)}`
    separator = ',\n'
    if (text.length < PIECE_CHARS) continue
    yield text
    text = ''
  }
  yield `${text}]`
}

function sendPieces(out: ServerResponse, pieces: Iterable<string>): Promise<void> {
  out.writeHead(200, { 'content-type': 'application/json;charset=UTF-8' })
  return pipeline(Readable.from(pieces), out)
}
