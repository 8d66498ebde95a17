/** One HTTP answer, read once, before anybody decided what it means. */
export interface RawAnswer {
  status: number
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>
  text: string
  /** Instead of `text`, which is then empty; only for what was asked as a stream and answered with status 200. Must be read. */
  chunks?: AsyncIterable<Uint8Array>
}

/** Bytes that are sent from the start each time they are opened: what a replay needs. */
export interface FileBody {
  bytes: number
  open(): AsyncIterable<Uint8Array>
}

/** What a transport is asked to send. Counters tell reads and writes apart, not methods: a query may be a POST. */
export interface RawRequest {
  purpose: 'read' | 'write'
  method: 'GET' | 'POST' | 'PATCH' | 'PUT'
  /** From the root, with query string, without host. */
  path: string
  body?: string | FileBody
  /** Content type whose body comes as `chunks`; a body of any other type is read whole. */
  streamed?: string
  /** For the whole call; of a streamed answer, up to its headers. */
  deadlineMs?: number
  headers?: Readonly<Record<string, string>>
  signal: AbortSignal
}

/** Sends one request and reads the answer whole; never retries. Throws CallFailure when there is no whole answer. */
export interface Transport {
  send(request: RawRequest): Promise<RawAnswer>
  readonly calls: { reads: number; writes: number }
  /** host:port, for messages. */
  host(): string
  close(): Promise<void>
}

/** JSON of the answer, or undefined when it is not JSON: proxies and login pages answer HTML with status 200. */
export function jsonOf(answer: RawAnswer): unknown {
  try {
    return JSON.parse(answer.text)
  } catch {
    return undefined
  }
}

/** What came instead of JSON, for messages: the type it says it is. */
export function foreignType(answer: RawAnswer): string {
  const type = (answer.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? `the answer is ${type}, not JSON` : 'the answer is not JSON'
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
