import type { Violation } from './check-schema.ts'
import { checkAnswer, checkRequest, isAllowed } from './check-schema.ts'
import type { Contract } from './contract-folder.ts'
import { isOutside, undatedPath, undatedStatus } from './undated-path.ts'

export interface Exchange {
  request: {
    method: string
    path: string
    query: URLSearchParams
    headers: Readonly<Record<string, string>>
    body: unknown
  }
  /** `invented`: a test made it up to see what becomes of it; the contract has no say in that. */
  answer: { status: number; body: unknown; invented?: boolean }
}

export interface Verdict {
  /** What no deviation covers, in words. */
  rest: string[]
  /** Ids of the deviations subtracted. */
  used: string[]
  checked: 'request and answer' | 'answer' | 'outside'
}

/** One request with its answer, held to the documents. */
export function checkExchange(contract: Contract, { request, answer }: Exchange): Verdict {
  const path = undatedPath(request.path)
  const label = `${request.method} ${request.path} ${answer.status}`
  if (isOutside(path)) return { rest: [], used: [], checked: 'outside' }
  const status = undatedStatus(request.path, answer.status)
  const asked = checkRequest(contract.api, { ...request, path })
  if (asked === undefined || status === 'not in v4') {
    // A path that nobody serves is not described either.
    const missing = asked === undefined && answer.status !== 404 && answer.status !== 401
    return { rest: missing ? [`${label}: not in the documents`] : [], used: [], checked: 'outside' }
  }
  const answered =
    answer.invented === true
      ? []
      : (checkAnswer(contract.api, { method: request.method, path, status, body: answer.body }) ?? [])
  const strict = isRealClient(request.headers)
  const found = [...(strict ? asked : []), ...answered]
  const rules = found.map((violation) => ({ violation, id: isAllowed(contract.deviations, violation, answer.status) }))
  return {
    rest: rules.flatMap(({ violation, id }) => (id === undefined ? [`${label}: ${words(violation)}`] : [])),
    used: rules.flatMap(({ id }) => id ?? []),
    checked: strict ? 'request and answer' : 'answer',
  }
}

/** The destination and the typed client. What tests send by hand, with the fetch of Node, is often wrong on purpose. */
function isRealClient(headers: Readonly<Record<string, string>>): boolean {
  return !/^(node|undici)?$/.test(headers['user-agent'] ?? '')
}

function words({ code, location, what }: Violation): string {
  return `${location.join('.')} ${code} ${what}`
}
