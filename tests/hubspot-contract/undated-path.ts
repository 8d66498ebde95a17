/** Areas that the documents know under v4; all others are under v3. */
const DATED = /^\/crm\/([a-z-]+)\/2026-0[39](\/.*)?$/
const DATED_SCHEMAS = /^\/crm-object-schemas\/2026-0[39](\/.*)?$/

/** The documents know v3 and v4 only: `/crm/objects/2026-09/contacts` is `/crm/v3/objects/contacts` to them. */
export function undatedPath(path: string): string {
  const schemas = DATED_SCHEMAS.exec(path)
  if (schemas !== null) return `/crm-object-schemas/v3${schemas[1] ?? ''}`
  const [, area, rest = ''] = DATED.exec(path) ?? []
  if (area === undefined) return path
  return `/crm/${isV4(area, rest) ? 'v4' : 'v3'}/${area}${rest}`
}

function isV4(area: string, rest: string): boolean {
  return area === 'associations' || (area === 'objects' && rest.includes('/associations/'))
}

/** The dated association batches answer 200 where v4 answers 201, and 200 with a body where it answers 204. */
export function undatedStatus(path: string, status: number): number | 'not in v4' {
  if (status !== 200 || !/^\/crm\/associations\/2026-0[39]\//.test(path)) return status
  if (path.endsWith('/batch/create')) return 201
  return path.endsWith('/archive') ? 'not in v4' : status
}

/** Answered by the emulator and not described by the documents: there is nothing to hold these to. */
const OUTSIDE = [
  /^\/account-info\//,
  /^\/integrations\/v1\/me$/,
  /^\/oauth\//,
  /^\/crm\/v3\/pipelines\//,
  /^\/crm\/v3\/property-validations\//,
]

export function isOutside(undated: string): boolean {
  return OUTSIDE.some((pattern) => pattern.test(undated))
}
