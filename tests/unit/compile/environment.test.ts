import { describe, expect, test } from 'vitest'
import { BackfeedError } from '../../../runner/errors.ts'
import { environmentOf, fixture, problemsOf, render, target, told } from './try-template.ts'

const model = (text: string) => ({ file: 'models/m.sql', text, context: { target } })
const dialectFiles = [fixture('dialect/default.sql'), fixture('dialect/duckdb.sql')]

describe('what models can say', () => {
  test.each([
    ["{{ ref('orders') }}", 'backfeed.orders'],
    ["{{ ref('my_package', 'orders') }}", 'backfeed.orders'],
    ["{{ source('crm', 'customers') }}", 'crm.customers'],
    ["{{ var('limit') }}", '5'],
    ["{{ var('absent', 7) }}", '7'],
    ["{{ var('thresholds').high }}", '90'],
    ["{{ env_var('REGION') }}", 'eu'],
    ["{{ env_var('ABSENT', 'us') }}", 'us'],
    ["{{ config(materialized='view', tags=['a']) }}x", 'x'],
    ['{{ this }}', 'backfeed.m'],
    [
      '{{ target.name }} {{ target.type }} {{ target.schema }} {{ target.audit_schema }}',
      'dev duckdb backfeed backfeed_audit',
    ],
    ['{{ run_started_at }} {{ invocation_id }} {{ execute }}', '2026-11-22T10:00:00Z i-1 true'],
    ["{{ log('hello') }}x", 'x'],
    ['{% do [1].append(2) %}x', 'x'],
    ["{% set l = [] %}{% do l.append('a') %}{% do l.append('b') %}{{ l | join(', ') }}", 'a, b'],
    ["{% set d = {'a': 1} %}{% do d.update({'b': 2}) %}{% for k, v in d.items() %}{{ k }}{{ v }}{% endfor %}", 'a1b2'],
    ['{{ {"a": [1, none, true]} | tojson }}', '{"a":[1,null,true]}'],
    ['{% if None is none and True and not False %}yes{% endif %}', 'yes'],
    ["{{ 'x' if 1 > 2 }}|{{ 'y' if 1 < 2 else 'z' }}", '|y'],
    ["{{ 'A-b' | lower | replace('-', '_') }}", 'a_b'],
    ['{{ [3, 1, 2] | sort | join }}{{ [1, 2, 3] | reverse | first }}{{ [1, 2] | sum }}', '12333'],
    ["{{ [{'n': 'a'}, {'n': 'b'}] | map(attribute='n') | join('+') }}", 'a+b'],
    ['{{ [1, 2, 3] | select("odd") | join(",") }}', '1,3'],
    ['{{ [1, 2, 3] | length }}{{ "abc" | length }}{{ "abc".upper() }}{{ " a ".strip() }}', '33ABCa'],
    ['{% for x in ["a", "b"] %}{{ loop.index }}{{ x }}{{ "," if not loop.last }}{% endfor %}', '1a,2b'],
    ['{% for x in {"a": 1, "b": 2} %}{{ x }}{% endfor %}', 'ab'],
    ['{% for x in [] %}{% else %}none{% endfor %}', 'none'],
    ['{{ 1 + 2 }}{{ "a" ~ 1 }}{{ 7 // 2 }}{{ 7 % 4 }}{{ 2 ** 3 }}', '3a1338'],
    ['{{ 2 in [1, 2] }}{{ "a" in {"a": 1} }}{{ "z" not in "abc" }}', 'truetruetrue'],
    [
      '{% set a = 1 %}{% if absent is defined %}x{% else %}y{% endif %}{{ absent | default("z") }}{{ target.absent | default(3) }}',
      'yz3',
    ],
    ['{% set text %}a{{ 1 }}b{% endset %}[{{ text }}]', '[a1b]'],
    ['{% raw %}{{ x }}{% endraw %}', '{{ x }}'],
    ['{% filter upper %}abc{% endfilter %}', 'ABC'],
    [
      '{{ target is defined }}{{ target is mapping }}{{ standardize is defined }}{{ target is odd }}',
      'truetruetruefalse',
    ],
    ['{{ target is lower }}{{ target is none }}{{ target.name is upper }}{{ [target] | length }}', 'falsefalsefalse1'],
    ['{% switch 2 %}{% case 1 %}a{% case 2 %}b{% default %}c{% endswitch %}', 'b'],
    ['{# comment {{ x }} #}a', 'a'],
    ['a\r\n{% if true %}\r\nb\r\n{% endif %}\r\nc', 'a\r\nb\r\nc'],
    ['{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=4, a=5) }}', '1-2 1-3 5-4'],
    ['{% macro w() %}<{{ caller() }}>{% endmacro %}{% call w() %}x{% endcall %}', '<x>'],
    [
      '{% macro e(l) %}{% for x in l %}{{ caller(x) }}{% endfor %}{% endmacro %}{% call(x) e([1, 2]) %}[{{ x }}]{% endcall %}',
      '[1][2]',
    ],
    ['{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}', '321'],
    ['{{ [1, 2, 3][-1] }}{{ "abc"[1] }}', '3b'],
    [
      '{{ standardize.email("x") }} {{ policies.keeps_null({"on_null": "clear"}) }}',
      'lower(trim(cast(x as varchar))) clear',
    ],
  ])('%s -> %s', (text, expected) => {
    expect(render(text)).toBe(expected)
  })

  test('config, dependencies and logs come back, dependencies once and in order of appearance', () => {
    const text = `{{ config(materialized='view') }}{{ config({'schema': 'x'}) }}{% if false %}{{ ref('b') }}{% endif %}
{{ ref('a') }} {{ ref('b') }} {{ source('s', 't') }} {{ of_macro() }}{{ log('seen') }}`
    const projectMacros = [{ file: 'macros/x.sql', text: "{% macro of_macro() %}{{ ref('c') }}{% endmacro %}" }]
    const rendered = environmentOf({ projectMacros }).render(model(text))
    expect(rendered.config).toEqual({ materialized: 'view', schema: 'x' })
    expect(rendered.dependsOn).toEqual(['backfeed.b', 'backfeed.a', 's.t', 'backfeed.c'])
    expect(rendered.logs).toEqual(['seen'])
  })

  test('one render leaves nothing behind for the next', () => {
    const environment = environmentOf()
    const context = { target, sync: { fields: [{ to: 'A' }] } }
    const text = '{{ config(a=1) }}{% do sync.fields.append({}) %}{{ sync.fields | length }}{% set left = 1 %}'
    expect(environment.render({ file: 'models/a.sql', text, context }).sql).toBe('2')
    expect(environment.render({ file: 'models/a.sql', text, context }).sql).toBe('2')
    const after = environment.render(model("{{ left | default('clean') }}"))
    expect(after).toMatchObject({ sql: 'clean', config: {} })
  })
})

describe('dialects', () => {
  test('a macro of the default file picks up the override of the nearest dialect', () => {
    const bigquery = [...dialectFiles, fixture('dialect/bigquery.sql')]
    expect(environmentOf().call('sql.as_text', ['x'])).toBe('cast(x as varchar)')
    expect(environmentOf({ dialectFiles: bigquery }).call('sql.as_text', ['x'])).toBe('cast(x as string)')
  })

  test('a name that no dialect file defines fails when the macros are loaded, with its place', () => {
    const broken = {
      file: 'backfeed:macros/dialect/postgres.sql',
      text: '{% macro a() %}\n  {{ sql.tex_type() }}{% endmacro %}',
    }
    expect(told(() => environmentOf({ dialectFiles: [...dialectFiles, broken] }))).toEqual([
      'E-TPL-UNDEF backfeed:macros/dialect/postgres.sql:2:10 sql has no "tex_type" (did you mean "text_type"?)',
    ])
  })

  test('a bare call inside a dialect file would miss the override and is refused', () => {
    const bare = {
      file: 'backfeed:macros/dialect/x.sql',
      text: '{% macro b() %}{{ cast(1, 2) }}{% endmacro %}{% macro cast(a, b) %}{% endmacro %}',
    }
    expect(told(() => environmentOf({ dialectFiles: [...dialectFiles, bare] }))).toEqual([
      'E-TPL-UNDEF backfeed:macros/dialect/x.sql:1:19 macro "cast" not found (did you mean "sql.cast"?)',
    ])
  })

  test('a private macro is seen in its own file only', () => {
    expect(environmentOf().call('sql.uses_private', ['x'])).toBe('<x>')
    expect(told(() => environmentOf().call('sql._private', ['x']))[0]).toMatch(/^E-TPL-UNDEF .* sql has no "_private"/)
  })

  test('a macro defined twice in one namespace is refused', () => {
    const again = { file: 'backfeed:macros/standardize/again.sql', text: '{% macro email(x) %}{% endmacro %}' }
    const packageMacros = [fixture('standardize/email.sql'), again]
    expect(told(() => environmentOf({ packageMacros }))).toEqual([
      'E-CFG-DUPNAME backfeed:macros/standardize/again.sql:1:10 macro "email" is also defined in backfeed:macros/standardize/email.sql',
    ])
  })
})

describe('macros of a project', () => {
  const projectMacros = [
    { file: 'macros/a.sql', text: '{% macro cents(x) %}{{ round2(x ~ " / 100") }}{% endmacro %}' },
    { file: 'macros/b.sql', text: '{% macro round2(x) %}round({{ x }}, 2) /* {{ target.name }} */{% endmacro %}' },
  ]

  test('are called by name, call each other and see target', () => {
    expect(render('{{ cents("amount") }}', { projectMacros })).toBe('round(amount / 100, 2) /* dev */')
    expect(environmentOf({ projectMacros }).call('cents', ['a'], { target })).toBe('round(a / 100, 2) /* dev */')
  })

  test('do not exist for the templates of the package', () => {
    const request = { file: 'backfeed:models/x.sql', text: '{{ cents(1) }}', context: { target } }
    expect(told(() => environmentOf({ projectMacros }).render(request))[0]).toMatch(/macro "cents" not found/)
  })

  test.each(['ref', 'sql', 'target', 'standardize', 'exceptions'])('cannot take the name %s', (name) => {
    const macros = [{ file: 'macros/a.sql', text: `\n{% macro ${name}() %}{% endmacro %}` }]
    expect(told(() => environmentOf({ projectMacros: macros }))).toEqual([
      `E-CFG-DUPNAME macros/a.sql:2:10 "${name}" is the name of a built-in, a macro cannot have it`,
    ])
  })

  test('all problems of all macro files come at once', () => {
    const macros = [
      { file: 'macros/a.sql', text: '{% macro a() %}{{ nope }}{{ sql.nope() }}{% endmacro %}' },
      { file: 'macros/b.sql', text: '{% macro b() %}{% if %}{% endmacro %}' },
      { file: 'macros/c.sql', text: "{% macro c() %}{{ env_var('API_TOKEN') }}{% endmacro %}" },
    ]
    const codes = told(() => environmentOf({ projectMacros: macros })).map((line) =>
      line.slice(0, 40).split(' ').slice(0, 2).join(' '),
    )
    expect(codes).toEqual([
      'E-TPL-SYNTAX macros/b.sql:1:22',
      'E-TPL-UNDEF macros/a.sql:1:19',
      'E-TPL-UNDEF macros/a.sql:1:33',
      'E-TPL-SECRET macros/c.sql:1:27',
    ])
  })
})

describe('errors name the file, the line and the column', () => {
  test.each([
    ['select\n  {{ orders }}', 'E-TPL-UNDEF models/m.sql:2:6 "orders" is not defined'],
    ['{{ targt.name }}', 'E-TPL-UNDEF models/m.sql:1:4 "targt" is not defined (did you mean "target"?)'],
    ['\n\n  {{ sql.as_txt("x") }}', 'E-TPL-UNDEF models/m.sql:3:10 sql has no "as_txt" (did you mean "as_text"?)'],
    ['{{ emial("x") }}', 'E-TPL-UNDEF models/m.sql:1:4 macro "emial" not found'],
    ['{{ email("x") }}', 'E-TPL-UNDEF models/m.sql:1:4 macro "email" not found (did you mean "standardize.email"?)'],
    [
      '{% if target.nmae == "x" %}{% endif %}',
      'E-TPL-UNDEF models/m.sql:1:14 target has no "nmae" (did you mean "name"?)',
    ],
    [
      'a\n{% if true %}\n{{ target.nmae }}\n{% endif %}',
      'E-TPL-UNDEF models/m.sql:3:11 target has no "nmae" (did you mean "name"?)',
    ],
    ['a\n{{ "x" }}\n\n{{ var("nope") }}', 'E-TPL-UNDEF models/m.sql:4:4 the project has no variable "nope"'],
    [
      '{{ var("thresholds").hihg }}',
      'E-TPL-UNDEF models/m.sql:1:22 var("thresholds") has no "hihg" (did you mean "high"?)',
    ],
    ['{{ sync.name }}', 'E-TPL-UNDEF models/m.sql:1:4 "sync" exists only in models rendered for a sync'],
    ['x\n{{ none }}', 'E-TPL-UNDEF models/m.sql:2:4 this prints none'],
    ['{{ [1] }}', "E-TPL-UNDEF models/m.sql:1:4 this prints a list: use | join(', ')"],
    ['{{ target }}', 'E-TPL-UNDEF models/m.sql:1:4 this prints an object: name one of its members'],
    ['{{ sql.cast }}', 'E-TPL-UNDEF models/m.sql:1:7 this prints a macro: call it with ()'],
    [
      '\n{% if target == "dev" %}{% endif %}',
      'E-TPL-UNDEF models/m.sql:2:4 an object cannot be compared or calculated with: name one of its members',
    ],
    ['{{ target | int }}', 'E-TPL-UNDEF models/m.sql:1:13 the filter "int" needs a number or a text'],
    ['{{ target | upper }}', 'E-TPL-UNDEF models/m.sql:1:13 the filter "upper" does not take an object'],
    ['{{ [target] | sum }}', 'E-TPL-UNDEF models/m.sql:1:15 sum needs numbers'],
    ['{{ 1 / 0 }}', 'E-TPL-UNDEF models/m.sql:1:4 this prints a number that is not finite'],
    ['{% for x in none %}{% endfor %}', 'E-TPL-UNDEF models/m.sql:1:13 cannot loop over a value that is not there'],
    [
      '{% for x in [1] %}{{ loop.indx }}{% endfor %}',
      'E-TPL-UNDEF models/m.sql:1:27 loop has no "indx" (did you mean "index"?)',
    ],
    ['{{ "x" | uper }}', 'E-TPL-UNDEF models/m.sql:1:10 filter "uper" not found (did you mean "upper"?)'],
    ['{{ 1 is od }}', 'E-TPL-UNDEF models/m.sql:1:9 test "od" not found (did you mean "odd"?)'],
    ['{{ sql.cast("x") }}', 'E-TPL-UNDEF models/m.sql:1:8 the macro needs argument "type"'],
    ['{{ sql.cast(1, 2, 3) }}', 'E-TPL-UNDEF models/m.sql:1:8 the macro takes 2 argument(s), got 3'],
    [
      '{{ standardize.email("x", fld=1) }}',
      'E-TPL-UNDEF models/m.sql:1:16 the macro has no argument "fld" (did you mean "fold"?)',
    ],
    ['{% set r = ref %}', 'E-TPL-UNDEF models/m.sql:1:12 "ref" is a function: call it with ()'],
    [
      '\n{{ ref(var("limit")) }}',
      'E-TPL-REF models/m.sql:2:4 ref() takes quoted names only, because the order of models is found without rendering',
    ],
    [
      '{{ ref("a", v=2) }}',
      'E-TPL-REF models/m.sql:1:4 ref() takes quoted names only, because the order of models is found without rendering',
    ],
    [
      "{{ env_var('SF_CLIENT_SECRET') }}",
      'E-TPL-SECRET models/m.sql:1:12 "SF_CLIENT_SECRET" is a secret, and secrets are not available in SQL',
    ],
    [
      "{{ env_var('API_' ~ 'KEY') }}",
      'E-TPL-SECRET models/m.sql:1:4 env_var() takes a quoted name, so that secrets can be told apart',
    ],
    ["{{ env_var('ABSENT') }}", 'E-ENV-MISSING models/m.sql:1:12 ABSENT is not set'],
    ['{{ exceptions.raise_compiler_error("no " ~ target.name) }}', 'E-TPL-RAISED models/m.sql:1:15 no dev'],
    ['{% include "x.sql" %}', 'E-TPL-PATH models/m.sql:1:4 a template cannot include another file'],
    ['a\n  {{ target.constructor }}', 'E-TPL-SANDBOX models/m.sql:2:13 access to "constructor" is not allowed'],
    ['{{ "x".constructor }}', 'E-TPL-SANDBOX models/m.sql:1:8 access to "constructor" is not allowed'],
    ['{{ foo', 'E-TPL-SYNTAX models/m.sql:1:1 expected "}}"'],
    ['{{ a b }}', 'E-TPL-SYNTAX models/m.sql:1:6 expected "}}"'],
    ['x\n{% if a %}\n{{ 1 }}', 'E-TPL-SYNTAX models/m.sql:2:4 "{% if %}" is never closed'],
    ['x\n{% for a in [1] %}\n', 'E-TPL-SYNTAX models/m.sql:2:4 "{% for %}" is never closed'],
    ['{% macro a() %}', 'E-TPL-SYNTAX models/m.sql:1:4 "{% macro %}" is never closed'],
    ['x\n  {% endfr %}', 'E-TPL-SYNTAX models/m.sql:2:6 unknown block tag: endfr'],
    ['{% call x %}{% endcall %}', 'E-TPL-SYNTAX models/m.sql:1:13 unexpected end of the expression'],
    ['{# never', 'E-TPL-SYNTAX models/m.sql:1:1 expected end of comment, got end of file'],
    [
      '{% if true %}{% macro a() %}{% endmacro %}{% endif %}',
      'E-TPL-SYNTAX models/m.sql:1:17 a macro is defined at the top of the file, outside other tags',
    ],
  ])('%j', (text, expected) => {
    const [first] = told(() => render(text))
    expect(first?.startsWith(expected), first).toBe(true)
  })

  test('nested objects and objects in lists are strict too, and known members are listed', () => {
    const sync = { name: 's', fields: [{ to: 'A', on_null: 'clear' }], match: { field: 'Id' } }
    const run = (text: string) => () =>
      environmentOf().render({ file: 'backfeed:models/x.sql', text, context: { target, sync } })
    expect(told(run('{% if sync.null_polcy == "x" %}{% endif %}'))).toEqual([
      'E-TPL-UNDEF backfeed:models/x.sql:1:12 sync has no "null_polcy" (expected one of: name, fields, match)',
    ])
    expect(told(run('\n{{ sync.match.feild }}'))).toEqual([
      'E-TPL-UNDEF backfeed:models/x.sql:2:15 sync.match has no "feild" (did you mean "field"?)',
    ])
    expect(told(run('{% for f in sync.fields %}\n{{ f.tp }}{% endfor %}'))).toEqual([
      'E-TPL-UNDEF backfeed:models/x.sql:2:6 sync.fields[] has no "tp" (did you mean "to"?)',
    ])
  })

  test('an error inside a macro names the macro file and the call', () => {
    const [problem] = problemsOf(() => render('select\n  {{ policies.wrong_member() }}'))
    expect(problem?.at).toMatchObject({ file: 'backfeed:macros/policies.sql', line: 5, column: 17 })
    expect(problem).toMatchObject({ hint: 'did you mean "schema"?', help: 'called from models/m.sql:2:15' })
  })

  test('a macro that refuses its arguments points at the call in the project', () => {
    expect(told(() => render('\n{{ standardize.strict_email("") }}'))).toEqual([
      'E-TPL-RAISED models/m.sql:2:16 email needs an expression',
    ])
  })

  test('all problems of one template come at once', () => {
    expect(told(() => render('{{ a }}{{ b }}\n{{ c() }}')).map((line) => line.split(' ')[1])).toEqual([
      'models/m.sql:1:4',
      'models/m.sql:1:11',
      'models/m.sql:2:4',
    ])
  })

  test('what the resolver refuses gets the place of the call', () => {
    const resolve = {
      ref: (name: string): string => {
        throw new BackfeedError({ code: 'E-TPL-REF', message: `model "${name}" not found` })
      },
      source: () => 'x',
    }
    expect(told(() => render('a {{ ref("x") }} {{ ref("y") }}', { resolve }))).toEqual([
      'E-TPL-REF models/m.sql:1:10 model "x" not found',
      'E-TPL-REF models/m.sql:1:25 model "y" not found',
    ])
  })

  test('a macro needs its environment variable only when it is called', () => {
    const projectMacros = [{ file: 'macros/a.sql', text: "{% macro a() %}\n{{ env_var('ABSENT') }}{% endmacro %}" }]
    expect(render('select 1', { projectMacros })).toBe('select 1')
    expect(told(() => render('{{ a() }}', { projectMacros }))).toEqual([
      'E-ENV-MISSING macros/a.sql:2:4 ABSENT is not set',
    ])
  })

  test('an empty environment variable is not "no variable"', () => {
    expect(told(() => render("{{ env_var('REGION', 'x') }}", { env: { REGION: ' ' } }))).toEqual([
      'E-ENV-EMPTY models/m.sql:1:12 REGION is set but empty',
    ])
  })

  test.each(['MY_SECRET', 'api_token', 'DB_PASSWORD', 'ENCRYPTION_KEY'])('%s never reaches a template', (name) => {
    expect(told(() => render(`{{ env_var('${name}', 'x') }}`, { env: { [name]: 'hunter2' } })).join()).not.toContain(
      'hunter2',
    )
  })
})

test('twenty models for ten syncs render well under a second', () => {
  const environment = environmentOf()
  const text =
    `{% for f in sync.fields %}{{ sql.as_text(f.to) }} as {{ f.to }}{{ ',' if not loop.last }}\n{% endfor %}`.repeat(10)
  const fields = Array.from({ length: 12 }, (_, i) => ({ to: `field_${i}` }))
  const before = process.cpuUsage()
  for (let sync = 0; sync < 10; sync++) {
    for (let file = 0; file < 20; file++) {
      const context = { target, sync: { name: `s${sync}`, fields } }
      environment.render({ file: `backfeed:models/sync/${file}.sql`, text, context })
    }
  }
  const { user, system } = process.cpuUsage(before)
  // Processor time of 72,000 macro calls, not wall time: other suites share the machine. Measured: 0.6 s.
  expect((user + system) / 1000).toBeLessThan(3000)
})
