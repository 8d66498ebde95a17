import type { CrmName } from './crm.ts'
import type { FaultAction } from './faults.ts'
import { isOauthPath, parseJson, publicHeaders, publicOauthBody, publicPath } from './redact.ts'

/** What `GET /journal` shows of one request, oldest first. */
export interface JournalEntry {
  seq: number
  /** Virtual time, ISO 8601. */
  time: string
  crm: CrmName | null
  method: string
  /** With the query string, percent-encoded as received. */
  path: string
  headers: Record<string, string>
  /** Parsed JSON where the body is JSON, else text; OmittedBody beyond a mebibyte; null where there was none or it is no longer kept. */
  body: unknown
  /** null: the socket was destroyed before the request was applied. */
  status: number | null
  response: unknown
  /** The injected fault, where there was one. */
  fault?: FaultAction
}

/** Stands for a body that is too long to be kept. */
export interface OmittedBody {
  omitted_bytes: number
  /** Of the request's body as it came over the wire; answers are not hashed. */
  sha256?: string | undefined
}

export const MAX_KEPT_BODY_BYTES = 1024 * 1024

/** Bodies stay bytes until somebody reads the journal: parsing them twice would cost a load test as much as the work itself. */
export interface JournalRecord {
  seq: number
  timeMs: number
  crm: CrmName | null
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body: Buffer | OmittedBody | null
  status: number | null
  response: Buffer | OmittedBody | null
  fault?: FaultAction
}

export type JournalBodies = 'all' | 'none'

export interface JournalOptions {
  /** 'none' keeps everything but the bodies: for load tests. Default 'all'. */
  journalBodies?: JournalBodies
  /** The oldest entries beyond this number are forgotten. Default 100,000. */
  maxEntries?: number
  /** The oldest bodies beyond this total are forgotten (their entries stay, with null). Default 256 MiB. */
  maxBodyBytes?: number
}

/** Every request to a CRM since start, reset or DELETE /journal, within the bounds of JournalOptions. */
export class Journal {
  #seq = 0
  #records: JournalRecord[] = []
  #first = 0
  #firstWithBody = 0
  #bodyBytes = 0
  readonly #keepBodies: boolean
  readonly #maxEntries: number
  readonly #maxBodyBytes: number

  constructor(options: JournalOptions = {}) {
    this.#keepBodies = options.journalBodies !== 'none'
    this.#maxEntries = options.maxEntries ?? 100_000
    this.#maxBodyBytes = options.maxBodyBytes ?? 256 * 1024 * 1024
  }

  /** Taken when a request is about to be applied, so that record versions can name it. */
  nextSeq(): number {
    this.#seq += 1
    return this.#seq
  }

  /** Numbers go on after a restart from a snapshot: record versions keep naming their request. */
  continueFrom(seq: number): void {
    this.#seq = Math.max(this.#seq, seq)
  }

  get keepsBodies(): boolean {
    return this.#keepBodies
  }

  get lastSeq(): number {
    return this.#seq
  }

  add(record: JournalRecord): void {
    const kept = this.#keepBodies ? record : { ...record, body: null, response: null }
    this.#records.push(kept)
    this.#bodyBytes += bytesOf(kept)
    this.#forgetOldBodies()
    this.#forgetOldEntries()
  }

  clear(): void {
    this.#records = []
    this.#first = 0
    this.#firstWithBody = 0
    this.#bodyBytes = 0
  }

  *entries(): IterableIterator<JournalEntry> {
    for (const record of this.#records.slice(this.#first)) yield shown(record)
  }

  #forgetOldBodies(): void {
    while (this.#bodyBytes > this.#maxBodyBytes && this.#firstWithBody < this.#records.length) {
      const record = this.#records[this.#firstWithBody]
      if (record) {
        this.#bodyBytes -= bytesOf(record)
        record.body = null
        record.response = null
      }
      this.#firstWithBody += 1
    }
  }

  #forgetOldEntries(): void {
    if (this.#records.length - this.#first <= this.#maxEntries) return
    const oldest = this.#records[this.#first]
    if (oldest) this.#bodyBytes -= bytesOf(oldest)
    this.#first += 1
    this.#firstWithBody = Math.max(this.#firstWithBody, this.#first)
    if (this.#first < this.#maxEntries / 2) return
    this.#records = this.#records.slice(this.#first)
    this.#firstWithBody -= this.#first
    this.#first = 0
  }
}

function bytesOf(record: JournalRecord): number {
  return keptBytes(record.body) + keptBytes(record.response)
}

function keptBytes(body: Buffer | OmittedBody | null): number {
  return Buffer.isBuffer(body) ? body.length : 0
}

function shown(record: JournalRecord): JournalEntry {
  return {
    seq: record.seq,
    time: new Date(record.timeMs).toISOString(),
    crm: record.crm,
    method: record.method,
    path: publicPath(record.path),
    headers: publicHeaders(record.headers),
    body: shownBody(record.body, record.path),
    status: record.status,
    response: shownBody(record.response, record.path),
    ...(record.fault === undefined ? {} : { fault: record.fault }),
  }
}

function shownBody(bytes: Buffer | OmittedBody | null, path: string): unknown {
  if (bytes !== null && !Buffer.isBuffer(bytes)) return bytes
  if (bytes === null || bytes.length === 0) return null
  const text = bytes.toString('utf8')
  if (isOauthPath(path)) return publicOauthBody(text)
  const parsed = parseJson(text)
  return parsed === undefined ? text : parsed
}
