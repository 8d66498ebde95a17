/** The CRM as one process sees it, through a network that loses, delays and repeats. Every fault is decided by the scenario. */
import type {
  CrmRecord,
  Destination,
  FieldDescription,
  Outcome,
  ReadRequest,
  WireRequest,
  WriteRequest,
  WriteResult,
} from '../../runner/destination/destination.ts'
import { BackfeedError, ExitCode } from '../../runner/errors.ts'
import type { Counters } from './counters.ts'
import type { CrmStore, SentRequest } from './crm-store.ts'
import type { Prng, Scheduler } from './scheduler.ts'
import type { SimProcess } from './sim-process.ts'

export const writeFaults = [
  'refused',
  'lost',
  'answer lost',
  'late',
  'twice',
  'throttled',
  'locked rows',
  'partly answered',
  'quota',
  'not sent',
] as const
export type WriteFault = (typeof writeFaults)[number] | 'far too late'

/** How long a client waits for an answer, and how long after that the CRM may still be at it (protocol S3). */
export const clientTimeoutMs = 60_000
export const longestRequestMs = 120_000

export interface Weather {
  /** Fault of the process's n-th write request, from 1. */
  writes: ReadonlyMap<number, WriteFault>
  /** Reads that fail, counted from 1. */
  reads: ReadonlySet<number>
  /** Server errors for everybody, in virtual time. */
  outage: () => 'applies' | 'drops' | undefined
}

export interface SimDestinationRequest {
  crm: CrmStore
  process: SimProcess
  prng: Prng
  scheduler: Scheduler
  counters: Counters
  weather: Weather
  fields: readonly FieldDescription[]
  /** Called as a request leaves, with what is durable in the warehouse at that moment still to be read. */
  onSend: (sent: SentRequest) => void
}

export function simDestination(o: SimDestinationRequest): Destination {
  const calls = { reads: 0, writes: 0 }
  return {
    calls,
    identify: () => Promise.resolve({ orgId: 'ORG1', environment: 'emulator', label: 'Simulated' }),
    describe: () => Promise.resolve(o.fields),
    permissions: () => Promise.resolve(undefined),
    usage: () => Promise.resolve(undefined),
    wire: wireOf,
    async *read(request) {
      calls.reads += 1
      yield await readOnce(o, request, calls.reads)
    },
    write(request) {
      calls.writes += 1
      return writeOnce(o, request, calls.writes)
    },
    close: () => Promise.resolve(),
  }
}

function wireOf(request: WriteRequest): WireRequest {
  return {
    method: request.path === 'create' ? 'POST' : 'PATCH',
    path: `/${request.object}/${request.path}`,
    body: `[${request.changes.map((change) => change.body).join(',')}]`,
  }
}

function readOnce(o: SimDestinationRequest, request: ReadRequest, number: number): Promise<readonly CrmRecord[]> {
  const what = `read ${request.values.length}`
  return o.process.call({
    port: 'crm',
    what,
    latencyMs: o.prng.between(30, 300),
    effect: () => {
      if (o.weather.reads.has(number) || o.weather.outage() === 'drops') {
        o.counters.add('read fails')
        throw unreachableCrm()
      }
      return found(o.crm, request)
    },
  })
}

function found(crm: CrmStore, { by, values, fields }: ReadRequest): CrmRecord[] {
  return values.flatMap((value) => {
    const records = by === 'id' ? crm.live().filter(({ id }) => id === value) : crm.find(by.field, value)
    return records.map((record) => ({
      recordId: record.id,
      fields: Object.fromEntries(fields.map((name) => [name, record.fields[name] ?? null])),
    }))
  })
}

function unreachableCrm(): BackfeedError {
  return new BackfeedError(
    { code: 'E-CRM-UNREACHABLE', message: 'the CRM does not answer' },
    { exitCode: ExitCode.temporary },
  )
}

/** When the request takes effect, and what its sender hears and when. */
interface Course {
  apply: readonly number[]
  answerMs: number
  answer: (real: readonly Outcome[] | undefined) => Outcome[]
}

async function writeOnce(o: SimDestinationRequest, request: WriteRequest, number: number): Promise<WriteResult> {
  const sent = {
    requestNo: o.crm.requests.length + 1,
    by: o.process.name,
    sentAtMs: o.scheduler.nowMs,
    request,
    fields: fieldsOf(request),
  }
  const fault = o.weather.writes.get(number) ?? outageFault(o)
  if (fault) o.counters.add(`crm: ${fault}`)
  if (fault === 'not sent') throw unreachableCrm()
  const course = courseOf(o, request, fault)
  let real: Outcome[] | undefined
  const leaves = (): void => {
    o.crm.requests.push(sent)
    o.onSend(sent)
    // What has left arrives, whether its sender lives or not: it is scheduled apart from the call.
    for (const afterMs of course.apply) {
      o.scheduler.in(afterMs, () => {
        const outcomes = o.crm.apply(sent)
        real ??= outcomes
      })
    }
  }
  const what = `write ${request.changes.map(({ changeId }) => changeId.slice(-3)).join(',')} ${fault ?? 'ok'}`
  const effect = (): Outcome[] => course.answer(real)
  const outcomes = await o.process.call({ port: 'crm', what, latencyMs: course.answerMs, leaves, effect })
  for (const { status } of outcomes) o.counters.add(`outcome: ${status}`)
  return { outcomes, call: { durationMs: course.answerMs } }
}

function outageFault(o: SimDestinationRequest): WriteFault | undefined {
  const outage = o.weather.outage()
  return outage === undefined ? undefined : outage === 'applies' ? 'answer lost' : 'lost'
}

function fieldsOf(request: WriteRequest): string[] {
  const names = request.changes.flatMap(({ body }) => {
    const { attributes: _, id: __, idProperty: ___, objectWriteTraceId: ____, properties, ...rest } = JSON.parse(body)
    return Object.keys(properties ?? rest)
  })
  return [...new Set(names)].sort()
}

function courseOf(o: SimDestinationRequest, request: WriteRequest, fault: WriteFault | undefined): Course {
  const arrivesMs = o.prng.between(20, 200)
  const answerMs = arrivesMs + o.prng.between(20, 600)
  const same = (make: (changeId: string) => Outcome): Outcome[] => request.changes.map(({ changeId }) => make(changeId))
  const unknown = (): Outcome[] => same((changeId) => ({ changeId, status: 'unknown', code: 'E-CRM-TIMEOUT' }))
  const retryable = (code: string) => (): Outcome[] => same((changeId) => ({ changeId, status: 'retryable', code }))
  const straight = (real: readonly Outcome[] | undefined): Outcome[] => [...(real ?? unknown())]
  switch (fault) {
    case undefined:
      return { apply: [arrivesMs], answerMs, answer: straight }
    case 'twice':
      return { apply: [arrivesMs, arrivesMs + o.prng.between(1, 2_000)], answerMs, answer: straight }
    case 'lost':
      return { apply: [], answerMs: clientTimeoutMs, answer: unknown }
    case 'answer lost':
      return { apply: [arrivesMs], answerMs: o.prng.between(500, clientTimeoutMs), answer: unknown }
    case 'late':
      return {
        apply: [clientTimeoutMs + o.prng.between(0, longestRequestMs)],
        answerMs: clientTimeoutMs,
        answer: unknown,
      }
    case 'far too late':
      return {
        apply: [clientTimeoutMs + o.prng.between(200_000, 7_200_000)],
        answerMs: clientTimeoutMs,
        answer: unknown,
      }
    case 'refused':
      return { apply: [], answerMs, answer: retryable('E-CRM-UNREACHABLE') }
    case 'throttled':
      return {
        apply: [],
        answerMs,
        answer: () => same((changeId) => ({ changeId, status: 'retryable', code: 'E-CRM-RATE', retryAfterMs: 10_000 })),
      }
    case 'quota':
      return { apply: [], answerMs, answer: retryable('E-CRM-QUOTA') }
    case 'locked rows':
      return { apply: [], answerMs, answer: retryable('UNABLE_TO_LOCK_ROW') }
    case 'partly answered':
      return {
        apply: [arrivesMs],
        answerMs,
        answer: (real) => straight(real).map((outcome, index) => (index % 2 === 0 ? outcome : unknownOf(outcome))),
      }
    default:
      return { apply: [arrivesMs], answerMs, answer: straight }
  }
}

function unknownOf({ changeId }: Outcome): Outcome {
  return { changeId, status: 'unknown', code: 'E-CRM-ANSWER' }
}
