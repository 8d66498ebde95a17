const REFERENCE = /@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}/g

/** A subrequest names a result that is not there. */
export class UnresolvedReference extends Error {
  constructor(reference: string) {
    super(`Invalid reference specified. No value for ${reference} found`)
    this.name = 'UnresolvedReference'
  }
}

/** Texts with `@{referenceId.path[0].field}` in them, at any depth, with the values of earlier results instead. */
export function referencesResolved(value: unknown, results: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === 'string') return resolvedText(value, results)
  if (Array.isArray(value)) return value.map((one) => referencesResolved(one, results))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, referencesResolved(member, results)]))
}

function resolvedText(text: string, results: ReadonlyMap<string, unknown>): string {
  if (!text.includes('@{')) return text
  return text.replaceAll(REFERENCE, (whole, id: string, path: string) => {
    const value = valueAt(results.get(id), path)
    if (value === undefined || value === null || typeof value === 'object')
      throw new UnresolvedReference(whole.slice(2, -1))
    return String(value)
  })
}

function valueAt(result: unknown, path: string): unknown {
  let value = result
  for (const [, name, index] of path.matchAll(/\.([A-Za-z0-9_]+)|\[(\d+)\]/g)) {
    if (value === null || typeof value !== 'object') return undefined
    const key = name ?? index ?? ''
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
  }
  return value
}
