import type { CrmRequest } from '../core/crm.ts'

/** The bearer token of a request; undefined where there is none. */
export function bearerOf(request: CrmRequest): string | undefined {
  return /^(?:Bearer|OAuth)\s+(\S+)/i.exec(request.headers.authorization ?? '')?.[1]
}

/** Fields of a form in the body, or in the address where there is no body. */
export function formOf(request: CrmRequest): URLSearchParams {
  const body = request.body.toString('utf8')
  return new URLSearchParams(body === '' ? request.query : body)
}

/** This org as the caller reaches it. */
export function baseUrl(request: CrmRequest): string {
  return `${request.scheme ?? 'http'}://${request.headers.host ?? '127.0.0.1'}`
}
