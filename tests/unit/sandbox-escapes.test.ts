/** Every known way out of a template engine, tried on this one. None may run code, and none may pass without an error. */
import { afterEach, describe, expect, test } from 'vitest'
import { createSandbox, DEFAULT_LIMITS } from '../../runner/compile/sandbox.ts'
import { environmentOf, problemsOf, target } from './compile/try-template.ts'

const canary = globalThis as { __canary?: unknown }
const RUN = 'globalThis.__canary = 1; return process.version'

afterEach(() => {
  expect(canary.__canary).toBeUndefined()
})

const values = [
  '""',
  '1',
  '[]',
  '{}',
  'range',
  'ref',
  'sql',
  'sql.cast',
  'target',
  'var',
  'config',
  'exceptions',
  'this',
  'standardize.email',
]

const payloads: string[] = [
  ...values.map((value) => `{{ ${value}.constructor }}`),
  ...values.map((value) => `{{ ${value}.constructor.constructor("${RUN}")() }}`),
  ...values.map((value) => `{{ ${value}["const" ~ "ructor"]["constructor"]("${RUN}")() }}`),
  ...values.map((value) => `{{ ${value}.__proto__ }}`),
  // The stock engine runs these.
  `{{ range.constructor("${RUN}")() }}`,
  `{{ cycler.constructor("${RUN}")() }}`,
  `{{ joiner.constructor("${RUN}")() }}`,
  `{{ joiner(",").constructor("${RUN}")() }}`,
  `{% set f = range.constructor %}{{ f("${RUN}")() }}`,
  `{% macro m() %}{% endmacro %}{{ m.constructor("${RUN}")() }}`,
  `{% macro m() %}{{ caller.constructor("${RUN}")() }}{% endmacro %}{% call m() %}x{% endcall %}`,
  `{{ constructor }}`,
  `{{ constructor.constructor("${RUN}")() }}`,
  `{{ __proto__ }}`,
  `{{ toString }}`,
  `{{ toString.constructor("${RUN}")() }}`,
  `{{ valueOf() }}`,
  `{{ hasOwnProperty("x") }}`,
  // Names of the generated code and of the engine.
  '{{ env }}',
  '{{ context }}',
  '{{ frame }}',
  '{{ runtime }}',
  '{{ cb }}',
  '{{ lineno }}',
  '{{ output }}',
  '{{ self }}',
  '{{ super() }}',
  '{{ state }}',
  '{{ slim }}',
  '{{ handleRequest("{}") }}',
  // Globals of the language and of Node.
  '{{ globalThis }}',
  '{{ global }}',
  '{{ process }}',
  '{{ process.env }}',
  '{{ require("child_process") }}',
  '{{ module }}',
  '{{ eval("1") }}',
  '{{ Function("return 1")() }}',
  '{{ Object }}',
  '{{ Reflect }}',
  '{{ window }}',
  // Through filters, tests and arguments.
  '{{ [1] | groupby("constructor") }}',
  '{{ [range] | map(attribute="constructor") | join }}',
  '{{ ["x"] | map("constructor") | join }}',
  '{{ [range] | sort(attribute="constructor") }}',
  '{{ [range] | join(",", "constructor") }}',
  '{{ [range] | selectattr("constructor") | first }}',
  '{{ [range] | sum("constructor") }}',
  '{{ range | tojson }}',
  '{{ range | dump }}',
  '{{ range | attr("constructor") }}',
  '{{ 1 | constructor }}',
  `{{ 1 | default.constructor("${RUN}") }}`,
  '{{ 1 is constructor }}',
  `{{ 1 is '").constructor("' }}`,
  `{{ 1 is "x\\").call(1); globalThis.__canary=1; (\\"" }}`,
  '{{ range | replace("x", ref) }}',
  // Keys that coerce, keys that shadow.
  '{{ [][["constructor"]] }}',
  '{{ target[["constructor"]] }}',
  '{{ {}[{a: 1}] }}',
  '{{ {"__proto__": {"x": 1}}.x }}',
  '{{ {__proto__: range} }}',
  '{{ {constructor: 1} }}',
  '{{ {"toString": range} ~ "" }}',
  '{{ {valueOf: range} + 1 }}',
  '{{ config(__proto__=1) }}',
  '{{ config(constructor=1) }}',
  '{{ config({"__keywords": true}) }}',
  '{% set constructor = 1 %}',
  '{% set __proto__ = range %}',
  '{% set a.b = 1 %}',
  '{% for constructor in [1] %}{{ constructor }}{% endfor %}',
  '{% for a, __proto__ in {"x": 1} %}{% endfor %}',
  '{% macro constructor() %}{% endmacro %}',
  '{% macro m(__proto__) %}{% endmacro %}',
  // Names that the stock generator prints into JavaScript.
  '{{ a"+globalThis+" }}',
  "{{ a'b }}",
  '{{ a;b }}',
  '{{ a\\"b }}',
  '{{ a`1` }}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: text for the template, not for JavaScript
  '{{ x${1}y }}',
  '{% set a";b = 1 %}',
  '{% for a;b in [1] %}{% endfor %}',
  '{% macro a;b() %}{% endmacro %}',
  '{% macro m(a;b) %}{% endmacro %}',
  '{{ m["\\\\\\""]() }}',
  `{{ {'a"b': 1}["a\\"b"]["\\\\\\");globalThis.__canary=1;(\\""]() }}`,
  '{{ r/x/.constructor }}',
  '{{ r/(a+)+$/ }}',
  '{% block constructor %}{% endblock %}',
  '{% asyncEach process in [1] %}{% endeach %}',
  '{% asyncAll x in [1] %}{% endall %}',
  // Other files.
  '{% include "/etc/passwd" %}',
  '{% include "../project.yml" ignore missing %}',
  '{% import "x" as y %}',
  '{% from "x" import y %}',
  '{% extends "x" %}',
  // Calling what is not a macro.
  '{{ "abc".replace("a", "b").constructor }}',
  '{{ (range)(3) }}',
  '{{ [range][0](3) }}',
  '{{ "x".at(0) }}',
  '{{ [1].concat([2]) }}',
  '{{ [1].reduce(range) }}',
  '{{ range.call(1) }}',
  '{{ range.bind(1)() }}',
  '{{ range.apply(1) }}',
  '{{ target.type() }}',
  '{% set r = range %}{{ r(3) }}',
  '{% call range.constructor() %}x{% endcall %}',
  // Python's classics.
  "{{ ''.__class__.__mro__[1].__subclasses__() }}",
  '{{ config.__class__.__init__.__globals__ }}',
  '{{ self._TemplateReference__context.cycler.__init__.__globals__.os }}',
  '{{ lipsum.__globals__ }}',
  '{{ request.application }}',
  // Other engines.
  '{{ #this.getClass() }}',
  '{{ T(java.lang.Runtime).getRuntime() }}',
  '{{ _self.env.registerUndefinedFilterCallback("exec") }}',
  '{{ ["id"] | filter("system") }}',
  '{{ app.request }}',
]

const allowed = /^E-TPL-(SANDBOX|UNDEF|SYNTAX|PATH|REF)$/

test('there are more than sixty payloads, all different', () => {
  expect(new Set(payloads).size).toBe(payloads.length)
  expect(payloads.length).toBeGreaterThan(100)
})

test.each(payloads)('refused: %s', (text) => {
  const found = problemsOf(() => environmentOf().render({ file: 'models/m.sql', text, context: { target } }))
  for (const problem of found) {
    expect(problem.code).toMatch(allowed)
    expect(problem.at).toMatchObject({ file: 'models/m.sql', line: 1 })
    expect(problem.message).not.toMatch(/runtime\.|native code|at .*\.ts/)
  }
})

test('the same payloads are refused in the macros of a project', () => {
  for (const text of payloads) {
    // What prints nothing by itself has to be called.
    const wrapped = { file: 'macros/x.sql', text: `{% macro x() %}${text}{% endmacro %}` }
    const run = () => environmentOf({ projectMacros: [wrapped] }).call('x', [])
    for (const problem of problemsOf(run)) expect(problem.code, text).toMatch(allowed)
  }
})

describe('the walls, one by one', () => {
  const sandbox = createSandbox({ ...DEFAULT_LIMITS, timeoutMs: 200 })

  test.each([
    '(function () {}).constructor("return 1")()',
    'this.constructor.constructor("return process")()',
    'Object.getPrototypeOf(async function () {}).constructor("return 1")()',
    'new (Object.getPrototypeOf(function* () {}).constructor)("yield 1")',
    'setTimeout("1")',
    'handleRequest.constructor("return 1")()',
    'input.constructor.constructor("return 1")()',
  ])('code cannot be made from text even in plain JavaScript: %s', (code) => {
    expect(() => sandbox.evaluate(code)).toThrow(
      /Code generation from strings disallowed|is not defined|is not a function/,
    )
  })

  test.each([
    'process',
    'require',
    'module',
    'console',
    'fetch',
    'Buffer',
    'eval',
    'Function',
    'WebAssembly',
    'SharedArrayBuffer',
  ])('%s does not exist inside', (name) => {
    expect(sandbox.evaluate(`typeof ${name}`)).toBe('undefined')
  })

  test('no object of the host is reachable from anything inside', () => {
    const host = new Set<unknown>([globalThis, process, console, Object, Function, Array, Error, Promise, Map, String])
    for (const own of [Object, Function, Array, Error, Promise, Map, String]) host.add(own.prototype)
    const seen = reachable(sandbox.evaluate('[globalThis, handleRequest, defineTemplate]'))
    expect(seen.size).toBeGreaterThan(200)
    expect([...seen].filter((value) => host.has(value))).toEqual([])
  })

  test('prototypes cannot be changed for later templates', () => {
    expect(() => sandbox.evaluate('"use strict"; Object.prototype.polluted = 1')).toThrow(/not extensible/)
    expect(() => sandbox.evaluate('"use strict"; Array.prototype.map = 1')).toThrow(/read only/)
  })

  test('a loop without end is stopped, and the sandbox works afterwards', () => {
    expect(() => sandbox.evaluate('for (;;) {}')).toThrow(/timed out/)
    expect(sandbox.evaluate('1 + 1')).toBe(2)
  })

  test('promises cannot run on after the deadline', () => {
    expect(() => sandbox.evaluate('(async () => { for (;;) await 0 })()')).toThrow(/timed out/)
  })
})

describe('templates that do not end', () => {
  const small = { timeoutMs: 400, outputCharacters: 100_000 }
  const loop =
    '{% for a in range(9000) %}{% for b in range(9000) %}{% for c in range(9000) %}{% endfor %}{% endfor %}{% endfor %}'
  const cases: [string, string][] = [
    ['nested loops', loop],
    ['a macro calling itself', '{% macro a(n) %}{{ a(n + 1) }}{% endmacro %}{{ a(0) }}'],
    ['much output', '{% for a in range(10000) %}{% for b in range(10000) %}0123456789{% endfor %}{% endfor %}'],
    ['doubling a text', '{% set s = "xxxxxxxxxx" %}{% for a in range(100) %}{% set s = s ~ s %}{% endfor %}{{ s }}'],
    [
      'doubling by replace',
      '{% set s = "x" %}{% for a in range(100) %}{% set s = s | replace("x", "xx") %}{% endfor %}{{ s }}',
    ],
    ['doubling a list', '{% set l = [1] %}{% for a in range(100) %}{% set l = l + l %}{% endfor %}'],
    ['a list that grows while it is read', '{% set l = [1] %}{% for x in l %}{% do l.append(x) %}{% endfor %}'],
    ['a huge range', '{{ range(1000000000) | join }}'],
    ['a range with step 0', '{{ range(0, 1, 0) | join }}'],
    ['deep nesting', `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`],
    ['a huge file', 'x'.repeat(1_000_001)],
  ]

  test.each(cases)('%s', (_name, text) => {
    const environment = environmentOf({}, small)
    const [problem] = problemsOf(() => environment.render({ file: 'models/m.sql', text, context: { target } }))
    expect(problem?.code).toMatch(/^E-TPL-(TIMEOUT|UNDEF)$/)
    expect(problem?.at?.file).toBe('models/m.sql')
    expect(environment.render({ file: 'models/n.sql', text: 'select 1', context: { target } }).sql).toBe('select 1')
  })
})

/** Every object and function that can be reached over properties, accessors and prototypes. */
function reachable(start: unknown): Set<unknown> {
  const seen = new Set<unknown>()
  const open = [start]
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue
    seen.add(value)
    open.push(Object.getPrototypeOf(value))
    for (const own of Object.values(Object.getOwnPropertyDescriptors(value))) {
      open.push(...[own.value, own.get, own.set].filter((part) => part !== undefined))
    }
  }
  return seen
}
