/** A small checker of JSON against the OpenAPI 3.0 documents of the contract: only the keywords those use. */

export interface Schema {
  $ref?: string
  type?: string
  format?: string
  enum?: unknown[]
  nullable?: boolean
  required?: string[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
}

type Content = Record<string, { schema?: Schema }>

interface Parameter {
  name: string
  in: string
  required?: boolean
}

interface Operation {
  parameters?: Parameter[]
  requestBody?: { content?: Content }
  responses: Record<string, { content?: Content }>
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

export interface Violation {
  code: 'required' | 'type' | 'enum' | 'format' | 'undocumented'
  location: string[]
  /** The missing member, the actual type or value. */
  what: string
}

interface Allowed {
  code?: string
  location?: string[]
  missing?: string[]
  actual?: string
  /** "5xx", with `anyViolation`. */
  status?: string
  anyViolation?: boolean
}

export interface Deviations {
  deviations: { id: string; where: string; allow: Allowed[] }[]
}

/** What is wrong with an answer; undefined when the documents do not have the path. */
export function checkAnswer(
  api: OpenApi,
  answer: { method: string; path: string; status: number; body: unknown },
): Violation[] | undefined {
  const operation = findOperation(api, answer.method, answer.path)
  if (operation === undefined) return undefined
  const response =
    operation.responses[String(answer.status)] ?? (answer.status >= 400 ? operation.responses.default : undefined)
  if (response === undefined) return [{ code: 'undocumented', location: ['response'], what: String(answer.status) }]
  const schema = Object.values(response.content ?? {})[0]?.schema
  if (schema === undefined)
    return answer.body === undefined ? [] : [{ code: 'type', location: ['response'], what: 'body' }]
  return check(api, schema, { value: answer.body, location: ['response', 'body'] })
}

/** What is wrong with a request; undefined when the documents do not have the path. */
export function checkRequest(
  api: OpenApi,
  request: { method: string; path: string; query: URLSearchParams; body: unknown },
): Violation[] | undefined {
  const operation = findOperation(api, request.method, request.path)
  if (operation === undefined) return undefined
  const known = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
  const unknown = [...new Set(request.query.keys())].filter((name) => !known.some((one) => one.name === name))
  const lacking = known.filter((one) => one.required === true && !request.query.has(one.name))
  const violations: Violation[] = [
    ...unknown.map((what): Violation => ({ code: 'undocumented', location: ['request', 'query'], what })),
    ...lacking.map((one): Violation => ({ code: 'required', location: ['request', 'query'], what: one.name })),
  ]
  const schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema
  if (schema === undefined) return violations
  return [...violations, ...check(api, schema, { value: request.body, location: ['request', 'body'] })]
}

/** Id of the deviation that covers the violation. `status`: of the answer. */
export function isAllowed({ deviations }: Deviations, violation: Violation, status = 200): string | undefined {
  const rule = deviations.find(({ allow }) => allow.some((allowed) => fits(allowed, violation, status)))
  return rule?.id
}

function fits(allowed: Allowed, { code, location, what }: Violation, status: number): boolean {
  if (allowed.anyViolation === true)
    return location[0] === 'response' && allowed.status === `${Math.floor(status / 100)}xx`
  if (allowed.code !== code || allowed.location?.length !== location.length) return false
  if (!allowed.location.every((part, position) => part === '*' || part === location[position])) return false
  return allowed.missing?.includes(what) ?? allowed.actual === what
}

function findOperation(api: OpenApi, method: string, path: string): Operation | undefined {
  const matching = templatesOf(api).flatMap(({ template, pattern }) => (pattern.test(path) ? [template] : []))
  return matching.map((template) => api.paths[template]?.[method.toLowerCase()]).find((one) => one !== undefined)
}

const patterns = new WeakMap<OpenApi, { template: string; pattern: RegExp }[]>()

/** The most literal first: that is the route meant. */
function templatesOf(api: OpenApi): { template: string; pattern: RegExp }[] {
  let list = patterns.get(api)
  if (list === undefined) {
    const templates = Object.keys(api.paths).sort((a, b) => a.split('{').length - b.split('{').length)
    list = templates.map((template) => ({
      template,
      pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
    }))
    patterns.set(api, list)
  }
  return list
}

function check(api: OpenApi, schema: Schema, { value, location }: { value: unknown; location: string[] }): Violation[] {
  if (schema.$ref !== undefined) {
    const named = api.components.schemas[schema.$ref.replace('#/components/schemas/', '')]
    if (named === undefined) throw new Error(`no schema ${schema.$ref}`)
    return check(api, named, { value, location })
  }
  const actual = typeName(value)
  if (actual === 'null' && schema.nullable === true) return []
  if (schema.type !== undefined && !typeFits(schema.type, value)) return [{ code: 'type', location, what: actual }]
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [{ code: 'enum', location, what: String(value) }]
  if (typeof value === 'string' && !formatFits(schema.format, value)) return [{ code: 'format', location, what: value }]
  if (Array.isArray(value)) {
    const { items = {} } = schema
    return value.flatMap((item, position) =>
      check(api, items, { value: item, location: [...location, String(position)] }),
    )
  }
  if (actual === 'object') return checkObject(api, schema, { value: value as Record<string, unknown>, location })
  return []
}

function checkObject(
  api: OpenApi,
  schema: Schema,
  { value, location }: { value: Record<string, unknown>; location: string[] },
): Violation[] {
  const missing = (schema.required ?? []).filter((name) => value[name] === undefined)
  const violations: Violation[] = missing.map((what) => ({ code: 'required', location, what }))
  for (const [name, member] of Object.entries(value)) {
    const memberSchema = schema.properties?.[name] ?? schema.additionalProperties
    if (memberSchema !== undefined && member !== undefined) {
      violations.push(...check(api, memberSchema, { value: member, location: [...location, name] }))
    }
  }
  return violations
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function typeFits(type: string, value: unknown): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeName(value) === type
}

function formatFits(format: string | undefined, value: string): boolean {
  if (format === 'date-time') return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(value)
  if (format === 'uuid') return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
  return true
}
