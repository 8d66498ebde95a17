import { bool, choice, count, optional, record, strictKeys, text } from './control-input.ts'
import { ControlError, type CrmName } from './crm.ts'

/**
 * What to do to a matching request. `delay_ms` comes first and goes with everything; of the others
 * only `status` with `truncate_bytes` make sense together.
 */
export interface FaultAction {
  /** Answer this instead of applying the request. */
  status?: number
  headers?: Record<string, string>
  body?: unknown
  /** Destroy the socket; the request is not applied. */
  reset_before?: boolean
  /** Apply the request, then destroy the socket: the caller cannot know. */
  drop_after_apply?: boolean
  /** Wait before anything else. The request is applied even if the caller has gone by then. */
  delay_ms?: number
  /** Apply the request, announce the whole answer, send this many bytes of it, destroy the socket. */
  truncate_bytes?: number
  /** The same, by the length of the answer: 0 to 99. */
  truncate_percent?: number
  /** With one of the two: the answer ends there as if it were whole, with no length announced. */
  end_cleanly?: boolean
  /** Apply the request, then send the answer no faster than this. Goes with the cuts. */
  bytes_per_second?: number
}

export interface FaultMatch {
  crm?: CrmName
  method?: string
  /** Prefix of the path with its query string, or a regular expression written as /…/ or /…/i. */
  path?: string
  /** Counts matching requests from 1, from the moment the fault was added; absent: every match. */
  nth?: number
}

export interface Fault {
  match: FaultMatch
  action: FaultAction
}

export interface FaultableRequest {
  crm: CrmName | null
  method: string
  path: string
}

interface ArmedFault extends Fault {
  matches: (request: FaultableRequest) => boolean
  seen: number
}

export class Faults {
  #armed: ArmedFault[] = []

  /** Throws ControlError(400), and adds nothing, if one of the faults is not well-formed. */
  add(input: unknown): number {
    const list = (Array.isArray(input) ? input : [input]).map((one, index) => arm(one, `fault ${index + 1}`))
    this.#armed.push(...list)
    return list.length
  }

  clear(): void {
    this.#armed = []
  }

  /** Actions of all faults that fire on this request, earlier faults winning; undefined if none does. */
  take(request: FaultableRequest): FaultAction | undefined {
    const firing = this.#armed.filter((fault) => {
      if (!fault.matches(request)) return false
      fault.seen += 1
      return fault.match.nth === undefined || fault.match.nth === fault.seen
    })
    if (firing.length === 0) return undefined
    return Object.assign({}, ...firing.map((fault) => fault.action).reverse())
  }
}

function arm(input: unknown, where: string): ArmedFault {
  const fault = record(input, where)
  strictKeys(fault, ['match', 'action'], where)
  const match = parseMatch(record(fault.match ?? {}, `${where}: match`), `${where}: match`)
  const action = parseAction(record(fault.action, `${where}: action`), `${where}: action`)
  return { match, action, seen: 0, matches: matcher(match, where) }
}

function parseMatch(input: Record<string, unknown>, where: string): FaultMatch {
  strictKeys(input, ['crm', 'method', 'path', 'nth'], where)
  return {
    ...optional('crm', input.crm, (value) => choice(value, ['salesforce', 'hubspot'] as const, `${where}.crm`)),
    ...optional('method', input.method, (value) => text(value, `${where}.method`).toUpperCase()),
    ...optional('path', input.path, (value) => text(value, `${where}.path`)),
    ...optional('nth', input.nth, (value) => count(value, { min: 1, where: `${where}.nth` })),
  }
}

const ACTIONS = [
  ...['status', 'headers', 'body', 'reset_before', 'drop_after_apply', 'delay_ms', 'truncate_bytes'],
  ...['truncate_percent', 'end_cleanly', 'bytes_per_second'],
]

function parseAction(input: Record<string, unknown>, where: string): FaultAction {
  strictKeys(input, ACTIONS, where)
  const action: FaultAction = {
    ...optional('status', input.status, (value) => count(value, { min: 200, max: 599, where: `${where}.status` })),
    ...optional('headers', input.headers, (value) => textRecord(value, `${where}.headers`)),
    ...(input.body === undefined ? {} : { body: input.body }),
    ...optional('reset_before', input.reset_before, (value) => bool(value, `${where}.reset_before`)),
    ...optional('drop_after_apply', input.drop_after_apply, (value) => bool(value, `${where}.drop_after_apply`)),
    ...optional('delay_ms', input.delay_ms, (value) => count(value, { min: 0, where: `${where}.delay_ms` })),
    ...optional('truncate_bytes', input.truncate_bytes, (value) =>
      count(value, { min: 0, where: `${where}.truncate_bytes` }),
    ),
    ...optional('truncate_percent', input.truncate_percent, (value) =>
      count(value, { min: 0, max: 99, where: `${where}.truncate_percent` }),
    ),
    ...optional('end_cleanly', input.end_cleanly, (value) => bool(value, `${where}.end_cleanly`)),
    ...optional('bytes_per_second', input.bytes_per_second, (value) =>
      count(value, { min: 1, where: `${where}.bytes_per_second` }),
    ),
  }
  refuseContradictions(action, where)
  return action
}

function refuseContradictions(action: FaultAction, where: string): void {
  if (Object.keys(action).length === 0) throw new ControlError(400, `${where}: names no action`)
  if (action.status === undefined && (action.headers !== undefined || action.body !== undefined)) {
    throw new ControlError(400, `${where}: headers and body need a status`)
  }
  if (action.truncate_bytes !== undefined && action.truncate_percent !== undefined) {
    throw new ControlError(400, `${where}: choose one of truncate_bytes and truncate_percent`)
  }
  const truncated = action.truncate_bytes !== undefined || action.truncate_percent !== undefined
  if (action.end_cleanly !== undefined && !truncated) {
    throw new ControlError(400, `${where}: end_cleanly needs truncate_bytes or truncate_percent`)
  }
  const answered = action.status !== undefined || truncated || action.bytes_per_second !== undefined
  const outcomes = [answered, action.reset_before === true, action.drop_after_apply === true].filter(Boolean)
  if (outcomes.length > 1) {
    throw new ControlError(400, `${where}: choose one of status/truncate_bytes, reset_before, drop_after_apply`)
  }
}

function textRecord(input: unknown, where: string): Record<string, string> {
  const entries = Object.entries(record(input, where))
  return Object.fromEntries(entries.map(([name, value]) => [name, text(value, `${where}.${name}`)]))
}

function matcher(match: FaultMatch, where: string): (request: FaultableRequest) => boolean {
  const path = pathTest(match.path, where)
  return (request) =>
    (match.crm === undefined || match.crm === request.crm) &&
    (match.method === undefined || match.method === request.method) &&
    path(request.path)
}

function pathTest(pattern: string | undefined, where: string): (path: string) => boolean {
  if (pattern === undefined) return () => true
  const expression = /^\/(.+)\/(i?)$/.exec(pattern)
  if (!expression || !looksLikeExpression(expression[1] ?? '')) return (path) => path.startsWith(pattern)
  try {
    const regex = new RegExp(expression[1] ?? '', expression[2])
    return (path) => regex.test(path)
  } catch {
    throw new ControlError(400, `${where}: match.path is not a valid regular expression`)
  }
}

// '/services/data/' is a prefix with a trailing slash, '/composite\/sobjects/' and '/batch$/' are expressions:
// a plain path has only characters that mean themselves.
function looksLikeExpression(source: string): boolean {
  return /[\\^$*+?()[\]{}|]/.test(source) || !source.includes('/')
}
