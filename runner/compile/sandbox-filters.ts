/**
 * Filters, tests and methods inside the sandbox (see sandbox-runtime.ts for the rules of this code).
 * nunjucks' own filters read attributes directly, past the member rules, so none of them is used.
 */
import type { SandboxState } from './sandbox-runtime.ts'

type Runtime = typeof import('./sandbox-runtime.ts')

declare const state: SandboxState
declare const callFunction: Runtime['callFunction']
declare const capped: Runtime['capped']
declare const counted: Runtime['counted']
declare const fail: Runtime['fail']
declare const hasOwn: Runtime['hasOwn']
declare const isDict: Runtime['isDict']
declare const lookupMember: Runtime['lookupMember']
declare const memberSoftly: Runtime['memberSoftly']
declare const printed: Runtime['printed']

export function applyFilter(name: string, position: number, args: unknown[]): unknown {
  state.position = position
  const [value, first, second] = args
  if (name === 'default' || name === 'd') return value === undefined || (second === true && !value) ? first : value
  if (name === 'tojson') return jsonText(value, position)
  if (name === 'length' || name === 'count') return lengthOf(value, position)
  if (typeof value === 'number' || ['abs', 'int', 'float', 'round'].includes(name))
    return numberFilter(name, args, position)
  if (Array.isArray(value) || isDict(value)) return listFilter(name, args, position)
  return textFilter(name, args, position)
}

export function lengthOf(value: unknown, position: number): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  if (isDict(value)) return Object.keys(value).length
  return fail('E-TPL-UNDEF', 'length needs a text, a list or an object', position)
}

export function jsonText(value: unknown, position: number): string {
  const text = JSON.stringify(value)
  if (text === undefined) fail('E-TPL-UNDEF', 'tojson needs data', position)
  return counted(text, position)
}

export function numberFilter(name: string, args: unknown[], position: number): unknown {
  const [value, first] = args
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean') {
    fail('E-TPL-UNDEF', `the filter "${name}" needs a number or a text`, position)
  }
  const number = Number(value)
  if (name === 'string') return String(value)
  if (name === 'abs') return Math.abs(number)
  if (name === 'int' || name === 'float') {
    if (value === '' || Number.isNaN(number)) return first ?? 0
    return name === 'int' ? Math.trunc(number) : number
  }
  if (name === 'round') {
    const factor = 10 ** Number(first ?? 0)
    return Math.round(number * factor) / factor
  }
  return textFilter(name, [String(value), ...args.slice(1)], position)
}

export function textFilter(name: string, args: unknown[], position: number): unknown {
  const text = printed(args[0], position)
  const [, first, second] = args
  if (name === 'string') return text
  if (name === 'lower') return text.toLowerCase()
  if (name === 'upper') return text.toUpperCase()
  if (name === 'trim') return text.trim()
  if (name === 'capitalize') return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase()
  if (name === 'title') return text.toLowerCase().replace(/(^|\s)\S/g, (start) => start.toUpperCase())
  if (name === 'replace')
    return replaced(text, { from: printed(first, position), to: printed(second, position) }, position)
  if (name === 'indent') return indented(text, { width: Number(first ?? 4), firstToo: second === true }, position)
  if (name === 'reverse') return text.split('').reverse().join('')
  if (name === 'list') return text.split('')
  if (name === 'first') return text.slice(0, 1)
  if (name === 'last') return text.slice(-1)
  return fail('E-TPL-UNDEF', `the filter "${name}" needs a list`, position)
}

export function replaced(text: string, change: { from: string; to: string }, position: number): string {
  const parts = text.split(change.from)
  if (text.length + parts.length * change.to.length > state.limits.output)
    counted(' '.repeat(state.limits.output + 1), position)
  return parts.join(change.to)
}

export function indented(text: string, o: { width: number; firstToo: boolean }, position: number): string {
  const pad = ' '.repeat(Math.min(Math.max(o.width, 0), 200))
  const lines = text.split('\n').map((line, i) => ((i === 0 && !o.firstToo) || line === '' ? line : pad + line))
  return counted(lines.join('\n'), position)
}

/** Keyword arguments of a filter, or an empty object: `map(attribute='name')`. */
export function keywordsOf(args: unknown[]): Record<string, unknown> {
  const last = args[args.length - 1]
  return typeof last === 'object' && last !== null && state.keywords.has(last) ? (last as Record<string, unknown>) : {}
}

export function listFilter(name: string, args: unknown[], position: number): unknown {
  const value = args[0]
  if (isDict(value)) {
    if (name === 'dictsort')
      return Object.keys(value)
        .sort()
        .map((key) => [key, value[key]])
    if (name === 'list') return Object.keys(value)
    return fail('E-TPL-UNDEF', `the filter "${name}" does not take an object`, position)
  }
  const list = value as unknown[]
  if (name === 'first') return list[0]
  if (name === 'last') return list[list.length - 1]
  if (name === 'list') return list.slice()
  if (name === 'reverse') return list.slice().reverse()
  if (name === 'join') return joined(list, args, position)
  if (name === 'sum') return list.reduce((total: number, item) => total + addend(item, position), 0)
  if (name === 'sort') return sorted(list, args, position)
  if (name === 'unique') return [...new Set(list)]
  if (name === 'map') return mapped(list, args, position)
  if (name === 'select' || name === 'reject') {
    const test = String(args[1] ?? 'truthy')
    return list.filter((item) => runTest(test, item, args.slice(2)) === (name === 'select'))
  }
  if (name === 'selectattr' || name === 'rejectattr')
    return byAttribute(list, args, { keep: name === 'selectattr', position })
  return fail('E-TPL-UNDEF', `the filter "${name}" does not take a list`, position)
}

export function addend(value: unknown, position: number): number {
  if (typeof value !== 'number') fail('E-TPL-UNDEF', 'sum needs numbers', position)
  return value
}

export function joined(list: unknown[], args: unknown[], position: number): string {
  const separator = typeof args[1] === 'string' ? args[1] : ''
  const attribute = keywordsOf(args).attribute
  const items = attribute === undefined ? list : list.map((item) => lookupMember(item, attribute, position))
  return counted(items.map((item) => printed(item, position)).join(separator), position)
}

export function sorted(list: unknown[], args: unknown[], position: number): unknown[] {
  const { attribute, reverse } = keywordsOf(args)
  const key = (item: unknown): unknown => (attribute === undefined ? item : lookupMember(item, attribute, position))
  const order = (a: unknown, b: unknown): number =>
    (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0
  const result = list.slice().sort((a, b) => order(key(a), key(b)))
  return reverse === true || args[1] === true ? result.reverse() : result
}

export function mapped(list: unknown[], args: unknown[], position: number): unknown[] {
  const attribute = keywordsOf(args).attribute
  if (attribute !== undefined) return list.map((item) => lookupMember(item, attribute, position))
  const filter = String(args[1])
  if (!['lower', 'upper', 'trim', 'string', 'int', 'float', 'capitalize', 'title', 'length'].includes(filter)) {
    fail('E-TPL-UNDEF', `map cannot use the filter "${filter}"`, position)
  }
  return list.map((item) => applyFilter(filter, position, [item]))
}

export function byAttribute(list: unknown[], args: unknown[], o: { keep: boolean; position: number }): unknown[] {
  const [, attribute, test, ...rest] = args
  return list.filter((item) => {
    const value = memberSoftly(item, attribute, o.position)
    return (typeof test === 'string' ? runTest(test, value, rest) : Boolean(value)) === o.keep
  })
}

export function runTest(name: string, value: unknown, args: unknown[]): boolean {
  const other = args[0]
  // Data has no prototype, so an object cannot become a number or a text: those tests are simply false for it.
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN
  if (name === 'defined') return value !== undefined
  if (name === 'undefined') return value === undefined
  if (name === 'none' || name === 'null') return value === null
  if (name === 'true') return value === true
  if (name === 'false') return value === false
  if (name === 'truthy') return Boolean(value)
  if (name === 'falsy') return !value
  if (name === 'string') return typeof value === 'string'
  if (name === 'number') return typeof value === 'number'
  if (name === 'mapping') return isDict(value)
  if (name === 'sequence' || name === 'iterable') return Array.isArray(value) || typeof value === 'string'
  if (name === 'even') return number % 2 === 0
  if (name === 'odd') return Math.abs(number % 2) === 1
  if (name === 'divisibleby') return number % Number(other) === 0
  if (name === 'lower') return typeof value === 'string' && value.toLowerCase() === value
  if (name === 'upper') return typeof value === 'string' && value.toUpperCase() === value
  if (name === 'eq' || name === 'equalto') return value === other
  if (name === 'ne') return value !== other
  const [a, b] = [value as number, other as number]
  if (name === 'gt') return a > b
  if (name === 'ge') return a >= b
  if (name === 'lt') return a < b
  if (name === 'le') return a <= b
  return fail('E-TPL-UNDEF', `there is no test "${name}"`, state.position)
}

/** `x.name(…)`: a macro that is own data of x, else one of the listed methods for the type of x. */
export function callMember([object, name]: [unknown, unknown], position: number, args: unknown[]): unknown {
  const own = isDict(object) ? memberSoftly(object, name, position) : undefined
  if (typeof own === 'function') return callFunction(own, position, args)
  state.position = position
  const method = String(name)
  if (Array.isArray(object)) return listMethod(object, method, args)
  if (typeof object === 'string') return textMethod(object, method, args)
  if (isDict(object) && !isNamespace(object)) return dictMethod(object, method, args)
  lookupMember(object, name, position)
  return fail('E-TPL-SANDBOX', `"${method}" cannot be called`, position)
}

export function isNamespace(object: object): boolean {
  return (
    object === state.projectMacros ||
    Object.values(state.namespaces).includes(object) ||
    object === state.builtins.exceptions
  )
}

export function listMethod(list: unknown[], method: string, args: unknown[]): unknown {
  const { position } = state
  if (method === 'append') list.push(args[0])
  else if (method === 'extend' && Array.isArray(args[0])) list.push(...args[0])
  else
    fail('E-TPL-SANDBOX', `a list has no method "${method}"; lists have append and extend, or use a filter`, position)
  capped(list, position)
  return ''
}

export function dictMethod(dict: Record<string, unknown>, method: string, args: unknown[]): unknown {
  const { position } = state
  const [first, second] = args
  if (method === 'items') return Object.keys(dict).map((key) => [key, dict[key]])
  if (method === 'keys') return Object.keys(dict)
  if (method === 'values') return Object.keys(dict).map((key) => dict[key])
  if (method === 'get') return hasOwn(dict, String(first)) ? dict[String(first)] : (second ?? null)
  if (method === 'update' && isDict(first) && !state.strict.has(dict)) {
    for (const key of Object.keys(first))
      Object.defineProperty(dict, key, { value: first[key], enumerable: true, configurable: true, writable: true })
    return ''
  }
  const label = state.strict.get(dict)
  if (label !== undefined)
    fail('E-TPL-UNDEF', `${label} has no "${method}"`, { position, wanted: method, known: Object.keys(dict) })
  return fail(
    'E-TPL-SANDBOX',
    `an object has no method "${method}"; objects have items, keys, values, get and update`,
    position,
  )
}

export function textMethod(text: string, method: string, args: unknown[]): unknown {
  const { position } = state
  const first = args[0] === undefined ? undefined : printed(args[0], position)
  if (method === 'upper' || method === 'lower' || method === 'replace')
    return textFilter(method, [text, ...args], position)
  if (method === 'strip') return text.trim()
  if (method === 'split') return first === undefined ? text.trim().split(/\s+/) : capped(text.split(first), position)
  if (method === 'startswith') return text.startsWith(first ?? '')
  if (method === 'endswith') return text.endsWith(first ?? '')
  if (method === 'join' && Array.isArray(args[0])) return joined(args[0], [args[0], text], position)
  return fail('E-TPL-SANDBOX', `a text has no method "${method}"; use a filter`, position)
}
