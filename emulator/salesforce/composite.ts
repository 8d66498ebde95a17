import type { CrmResponse } from '../core/crm.ts'
import { type ApiCall, jsonBody } from './api-call.ts'
import { badRequest } from './api-error.ts'
import { referencesResolved, UnresolvedReference } from './composite-references.ts'
import type { RawRow } from './row-values.ts'

const MAX_SUBREQUESTS = 25
const MAX_GRAPHS = 75
const MAX_NODES = 500
const MAX_FAILED_GRAPHS = 14
const ROLLED_BACK = 'The transaction was rolled back since another operation in the same transaction failed.'
const HALTED = 'Processing of the graph was halted because too many graphs before it failed.'

interface Subrequest {
  method: string
  url: string
  referenceId: string
  body: unknown
  headers: Readonly<Record<string, string>>
}

interface Subresponse {
  body: unknown
  httpHeaders: Readonly<Record<string, string>>
  httpStatusCode: number
  referenceId: string
}

/** POST /composite: up to 25 requests one after the other, later ones naming results of earlier ones. */
export function composite(call: ApiCall): CrmResponse {
  const body = jsonBody(call)
  const requests = subrequests(body.compositeRequest)
  if (requests.length > MAX_SUBREQUESTS) throw tooMany('subrequests', MAX_SUBREQUESTS)
  const compositeResponse = run(call, requests, { allOrNone: body.allOrNone === true })
  return { status: 200, body: { compositeResponse } }
}

/** POST /composite/graph: each graph is all or none; after 14 failed graphs the rest is not tried. */
export function compositeGraph(call: ApiCall): CrmResponse {
  const { graphs } = jsonBody(call)
  const given = objectsIn(graphs, 'graphs')
  if (given.length > MAX_GRAPHS) throw tooMany('graphs', MAX_GRAPHS)
  const read = given.map((graph) => ({
    graphId: String(graph.graphId ?? ''),
    requests: subrequests(graph.compositeRequest),
  }))
  if (read.reduce((sum, { requests }) => sum + requests.length, 0) > MAX_NODES) throw tooMany('nodes', MAX_NODES)
  let failed = 0
  const answers = read.map(({ graphId, requests }) => {
    const halted = failed >= MAX_FAILED_GRAPHS
    const responses = halted ? requests.map((one) => refusal(one, HALTED)) : run(call, requests, { allOrNone: true })
    const isSuccessful = responses.every((one) => one.httpStatusCode < 300)
    if (!isSuccessful) failed += 1
    return { graphId, graphResponse: { compositeResponse: responses }, isSuccessful }
  })
  return { status: 200, body: { graphs: answers } }
}

/** POST /composite/batch: up to 25 independent requests; addresses start at the version. */
export function compositeBatch(call: ApiCall): CrmResponse {
  const { batchRequests, haltOnError } = jsonBody(call)
  const given = objectsIn(batchRequests, 'batchRequests')
  if (given.length > MAX_SUBREQUESTS) throw tooMany('subrequests', MAX_SUBREQUESTS)
  let hasErrors = false
  const results = given.map((one) => {
    if (hasErrors && haltOnError === true) {
      const errorCode = 'BATCH_PROCESSING_HALTED'
      return { statusCode: 412, result: [{ errorCode, message: 'Batch processing halted per request' }] }
    }
    const url = `/services/data/${String(one.url ?? '').replace(/^\/?(services\/data\/)?/, '')}`
    const headers = {}
    const request = { method: String(one.method ?? 'GET'), url, referenceId: '', body: one.richInput, headers }
    const { httpStatusCode, body } = exchanged(call, request)
    hasErrors ||= httpStatusCode >= 300
    return { statusCode: httpStatusCode, result: body }
  })
  return { status: 200, body: { hasErrors, results } }
}

function run(call: ApiCall, requests: readonly Subrequest[], { allOrNone }: { allOrNone: boolean }): Subresponse[] {
  if (!allOrNone) return inTurn(call, requests)
  let responses: Subresponse[] = []
  let failed = false
  call.org.store.transaction(() => {
    responses = inTurn(call, requests)
    failed = responses.some((one) => one.httpStatusCode >= 300)
    return !failed
  })
  if (!failed) return responses
  return responses.map((response, index) => {
    const request = requests[index]
    return response.httpStatusCode >= 300 || request === undefined ? response : refusal(request, ROLLED_BACK)
  })
}

function inTurn(call: ApiCall, requests: readonly Subrequest[]): Subresponse[] {
  const results = new Map<string, unknown>()
  return requests.map((request) => {
    const response = exchanged(call, request, results)
    if (response.httpStatusCode < 300) results.set(request.referenceId, response.body)
    return response
  })
}

function exchanged(call: ApiCall, request: Subrequest, results: ReadonlyMap<string, unknown> = new Map()): Subresponse {
  try {
    const url = String(referencesResolved(request.url, results))
    const body = referencesResolved(request.body, results)
    const cut = url.indexOf('?')
    const response = call.dispatch({
      ...call.request,
      method: request.method.toUpperCase(),
      path: (cut < 0 ? url : url.slice(0, cut)).replace(/\/{2,}/g, '/'),
      query: new URLSearchParams(cut < 0 ? '' : url.slice(cut)),
      headers: { ...call.request.headers, ...request.headers },
      body: Buffer.from(body === undefined || body === null ? '' : JSON.stringify(body)),
    })
    const { location } = response.headers ?? {}
    return {
      body: response.body ?? null,
      httpHeaders: location === undefined ? {} : { Location: location },
      httpStatusCode: response.status,
      referenceId: request.referenceId,
    }
  } catch (error) {
    if (error instanceof UnresolvedReference) return refusal(request, error.message)
    throw error
  }
}

function subrequests(input: unknown): Subrequest[] {
  const seen = new Set<string>()
  return objectsIn(input, 'compositeRequest').map((one) => {
    const referenceId = String(one.referenceId ?? '')
    if (!/^[A-Za-z0-9][A-Za-z0-9_]*$/.test(referenceId) || seen.has(referenceId)) {
      throw badRequest(
        'INVALID_INPUT',
        `Provided referenceId ('${referenceId}') must be unique, of letters, digits and _`,
      )
    }
    seen.add(referenceId)
    const given = Object.entries((one.httpHeaders ?? {}) as RawRow)
    const headers = Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)]))
    return { method: String(one.method ?? 'GET'), url: String(one.url ?? ''), referenceId, body: one.body, headers }
  })
}

function objectsIn(value: unknown, name: string): readonly RawRow[] {
  if (Array.isArray(value) && value.every((one) => one !== null && typeof one === 'object')) return value as RawRow[]
  throw badRequest('JSON_PARSER_ERROR', `The body needs an array ${name} of objects`)
}

function refusal(request: Subrequest, message: string): Subresponse {
  const body = [{ errorCode: 'PROCESSING_HALTED', message }]
  return { body, httpHeaders: {}, httpStatusCode: 400, referenceId: request.referenceId }
}

function tooMany(what: string, max: number): Error {
  return badRequest('LIMIT_EXCEEDED', `Limit exceeded: a request can have at most ${max} ${what}`)
}
