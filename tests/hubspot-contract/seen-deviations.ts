import type { Exchange } from './check-exchange.ts'

type Sees = (exchange: Exchange) => boolean

/**
 * Which traffic is the reality that a deviation describes, also where the documents at hand do not forbid it: several
 * entries are about HubSpot's own files only, others about what no schema says. Each situation has to turn up.
 */
const SITUATIONS: Readonly<Record<string, Readonly<Record<string, Sees>>>> = {
  'dev-01': { 'an error item without errors and links': ({ answer }) => items(answer.body, 'errors').some(isBare) },
  'dev-02': {
    'a refusal without a category': ({ answer }) =>
      answer.status >= 400 && answer.status < 500 && isObject(answer.body) && answer.body.category === undefined,
  },
  'dev-03': { 'a 5xx that is not JSON': ({ answer }) => answer.status >= 500 && !isObject(answer.body) },
  'dev-04': {
    'a batch read without history': ({ request }) =>
      request.path.endsWith('/batch/read') &&
      isObject(request.body) &&
      request.body.propertiesWithHistory === undefined,
  },
  'dev-05': {
    'a create without associations': ({ request }) =>
      request.path.endsWith('/batch/create') &&
      items(request.body, 'inputs').some((input) => input.associations === undefined),
  },
  'dev-06': {
    'a search with next to nothing': ({ request }) =>
      request.path.endsWith('/search') && isObject(request.body) && request.body.after === undefined,
  },
  'dev-07': {
    'a value that is no text, accepted': ({ request, answer }) =>
      answer.status < 300 && items(request.body, 'inputs').some(hasOtherThanText),
  },
  'dev-08': { 'a null among the properties read': ({ answer }) => items(answer.body, 'results').some(hasNull) },
  'dev-09': {
    'a 429 with a policy name': ({ answer }) =>
      answer.status === 429 && isObject(answer.body) && 'policyName' in answer.body,
    'a 429 with a category': ({ answer }) =>
      answer.status === 429 && isObject(answer.body) && answer.body.category === 'RATE_LIMITS',
  },
  'dev-10': {
    'a refusal for too many inputs': ({ answer }) =>
      answer.status === 400 &&
      isObject(answer.body) &&
      /^The maximum number of inputs/.test(String(answer.body.message)),
  },
}

/** "dev-09: a 429 with a category" for everything the exchange shows. */
export function situationsIn(exchange: Exchange): string[] {
  return allSituations().filter((name) => {
    const [id = '', what = ''] = name.split(': ')
    return SITUATIONS[id]?.[what]?.(exchange) === true
  })
}

export function allSituations(): string[] {
  return Object.entries(SITUATIONS).flatMap(([id, seen]) => Object.keys(seen).map((what) => `${id}: ${what}`))
}

type Json = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function items(body: unknown, name: string): Json[] {
  const list = isObject(body) ? body[name] : undefined
  return Array.isArray(list) ? list.filter(isObject) : []
}

function isBare(error: Json): boolean {
  return error.category !== undefined && error.errors === undefined && error.links === undefined
}

function hasOtherThanText({ properties }: Json): boolean {
  return isObject(properties) && Object.values(properties).some((value) => value !== null && typeof value !== 'string')
}

function hasNull({ properties }: Json): boolean {
  return isObject(properties) && Object.values(properties).includes(null)
}
