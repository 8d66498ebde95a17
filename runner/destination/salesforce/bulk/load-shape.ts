import type { BulkRequest } from '../../bulk.ts'

/** What all bodies of one load share: everything but their values. */
export interface LoadShape {
  /** Header cells; the first one names the record. */
  columns: readonly string[]
  /** JSON text before each value, and behind the last one: one more than there are columns. */
  frame: readonly string[]
}

const MAX_HEADER = 32_000
const KEY = /"([A-Za-z]\w*)":/y
const VALUE = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null/y
const TYPE = /"attributes":\{"type":"(\w+)"\},/y

/** The shape of a body as the warehouse renders it; undefined when it is none that a CSV file can carry. */
export function loadShape(request: BulkRequest, body: string): LoadShape | undefined {
  const head = `{"attributes":{"type":"${request.object}"}`
  if (!body.startsWith(head)) return undefined
  const scan = new BodyScan(body, head.length)
  while (scan.take(',')) if (!scan.member()) return undefined
  if (!scan.take('}') || scan.at !== body.length) return undefined
  const [first, ...fields] = scan.columns
  const [key, name = ''] = request.path === 'update' ? ['Id', 'id'] : [request.matchField, request.matchField]
  if (key === undefined || first !== name) return undefined
  const columns = [key, ...fields]
  const distinct = new Set(columns.map((column) => column.toLowerCase()))
  if (distinct.size < columns.length || columns.join(',').length > MAX_HEADER) return undefined
  return { columns, frame: [...scan.frame, body.slice(scan.valueEnd)] }
}

class BodyScan {
  readonly columns: string[] = []
  readonly frame: string[] = []
  readonly #body: string
  valueEnd = 0
  at: number

  constructor(body: string, at: number) {
    this.#body = body
    this.at = at
  }

  take(text: string): boolean {
    if (!this.#body.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** `"Field":value`, or a reference by one field of the other record: `"Parent":{"Customer_Id__c":"P"}`. */
  member(): boolean {
    const name = this.#match(KEY)?.[1]
    if (name === undefined) return false
    if (!this.take('{')) return this.#value(name)
    const type = this.#match(TYPE)?.[1]
    const inner = this.#match(KEY)?.[1]
    const column = `${type === undefined ? '' : `${type}:`}${name}.${inner}`
    return inner !== undefined && this.#value(column) && this.take('}')
  }

  #value(column: string): boolean {
    const start = this.at
    if (this.#match(VALUE) === undefined) return false
    this.columns.push(column)
    this.frame.push(this.#body.slice(this.valueEnd, start))
    this.valueEnd = this.at
    return true
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#body)
    if (found === null) return undefined
    this.at = pattern.lastIndex
    return found
  }
}
