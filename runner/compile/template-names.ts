/** What a template may name. Everything that is not listed here, set in the template or a macro does not exist. */

/** Functions with fixed meaning; the generated code calls their own implementations inside the sandbox. */
export const BUILTIN_FUNCTIONS = ['ref', 'source', 'var', 'env_var', 'config', 'log', 'range'] as const

/** Values. `sync` and `run` are there only for models rendered for a sync. */
export const BUILTIN_VALUES = ['sync', 'run', 'target', 'this', 'run_started_at', 'invocation_id', 'execute'] as const

/** Objects of functions; `sql` and the folders of package macros are added per environment. */
export const BUILTIN_OBJECTS: Readonly<Record<string, readonly string[]>> = { exceptions: ['raise_compiler_error'] }

/** Written as Python hands write them. */
export const CONSTANTS: Readonly<Record<string, null | boolean>> = { None: null, True: true, False: false }

/** Members of `loop` inside a for. */
export const LOOP_MEMBERS = ['index', 'index0', 'revindex', 'revindex0', 'first', 'last', 'length'] as const

/**
 * Names no template may write as a member, key or variable: each is a step of a known escape to a constructor,
 * or would change how an object behaves. Own data never has these names: the project loader refuses them too.
 */
export const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  'constructor',
  'prototype',
  '__proto__',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  '__keywords',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'valueOf',
  'toString',
  'toLocaleString',
])

/** Filters, each with its own implementation in sandbox-filters.ts. */
export const FILTERS: ReadonlySet<string> = new Set([
  'abs',
  'capitalize',
  'count',
  'd',
  'default',
  'dictsort',
  'first',
  'float',
  'indent',
  'int',
  'join',
  'last',
  'length',
  'list',
  'lower',
  'map',
  'reject',
  'rejectattr',
  'replace',
  'reverse',
  'round',
  'select',
  'selectattr',
  'sort',
  'string',
  'sum',
  'title',
  'tojson',
  'trim',
  'unique',
  'upper',
])

/** `x is …`. */
export const TESTS: ReadonlySet<string> = new Set([
  'defined',
  'divisibleby',
  'eq',
  'equalto',
  'even',
  'false',
  'falsy',
  'ge',
  'gt',
  'iterable',
  'le',
  'lower',
  'lt',
  'mapping',
  'ne',
  'none',
  'null',
  'number',
  'odd',
  'sequence',
  'string',
  'true',
  'truthy',
  'undefined',
  'upper',
])

/** Methods of Python values that dbt hands write; found by the type of the value, never on the value. */
export const METHODS: ReadonlySet<string> = new Set([
  'append',
  'endswith',
  'extend',
  'get',
  'items',
  'join',
  'keys',
  'lower',
  'replace',
  'split',
  'startswith',
  'strip',
  'update',
  'upper',
  'values',
])

/** Environment variables whose name has one of these words are for connections, never for SQL. */
export function isSecretName(name: string): boolean {
  return /SECRET|TOKEN|PASSWORD|KEY/i.test(name)
}

/** A template identifier. The parser lets quotes, semicolons and backticks through, and its generator does not escape them. */
export function isTemplateName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,126}$/.test(name)
}
