/** Harmless templates print what stock nunjucks prints; where we differ on purpose, the difference is written down here. */
import nunjucks from 'nunjucks'
import { expect, test } from 'vitest'
import { render } from './try-template.ts'

const stock = new nunjucks.Environment(null, { autoescape: false, trimBlocks: true, lstripBlocks: true })
const globals = { target: { name: 'dev' } }

test.each([
  'a {{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 7 // 2 }} {{ 2 ** 5 }} {{ -3 }} {{ 7 % 4 }}',
  '{{ "a" ~ "b" ~ 1 }} {{ "it\'s" }} {{ \'say "x"\' }} {{ "tab\\tline\\nback\\\\" }}',
  '{% for x in [1, 2, 3] %}{{ loop.index }}/{{ loop.length }}:{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}',
  '{% for k, v in {"a": 1, "b": 2} %}{{ k }}={{ v }};{% endfor %}',
  '{% for a, b in [[1, 2], [3, 4]] %}{{ a }}-{{ b }} {% endfor %}',
  '{% for x in [] %}x{% else %}none{% endfor %}',
  '{% if 1 > 2 %}a{% elif 2 == 2 %}b{% else %}c{% endif %}',
  '{{ "yes" if 1 in [1, 2] else "no" }} {{ "yes" if "x" not in "abc" }}',
  '{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{% endfor %}{{ x }}',
  '{% set a, b = 5 %}{{ a }}{{ b }}',
  '{% set t %}\n  one\n{% endset %}[{{ t }}]',
  '{% macro m(a, b=2, c="z") %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, c=3) }} {{ m(b=4, a=5) }} {{ m(1, 2, 3) }}',
  '{% macro box(t) %}<{{ t }}:{{ caller() }}>{% endmacro %}{% call box("x") %}body{% endcall %}',
  '{% macro each(l) %}{% for x in l %}{{ caller(x) }}{% endfor %}{% endmacro %}{% call(v) each([1, 2]) %}[{{ v }}]{% endcall %}',
  '{% macro a() %}a{{ b() }}{% endmacro %}{% macro b() %}b{% endmacro %}{{ a() }}',
  '{% raw %}{{ not }} {% this %}{% endraw %}',
  'a {#- comment -#} b',
  '  {%- if true -%}  x  {%- endif -%}  y',
  '  {% if true %}\n    x\n  {% endif %}\n  y',
  '{% switch 2 %}{% case 1 %}a{% case 2 %}b{% default %}c{% endswitch %}',
  '{{ "Hello World" | upper }} {{ "X" | lower }} {{ " a " | trim }} {{ "abc" | replace("b", "x") }} {{ "hello" | capitalize }}',
  '{{ [3, 1, 2] | sort | join(",") }} {{ [1, 2] | length }} {{ [1, 2] | first }} {{ [1, 2] | last }} {{ [1, 2] | reverse | join }}',
  '{{ "a\nb" | indent(2) }} {{ 3.7 | round }} {{ "12" | int + 1 }} {{ "1.5" | float }} {{ -3 | abs }} {{ [1, 2] | sum }}',
  '{{ absent | default("d") }} {{ "" | default("e", true) }} {{ "v" | default("d") }}',
  '{{ 4 is even }} {{ 3 is odd }} {{ 9 is divisibleby(3) }} {{ "a" is string }} {{ 1 is number }} {{ absent is defined }} {{ none is none }}',
  '{{ target.name }} {{ target["name"] }} {{ {"a": {"b": 1} }.a.b }} {{ [1, [2, 3]][1][0] }}',
  '{{ 1 == 1 and 2 != 3 or false }} {{ not true }} {{ 1 < 2 }} {{ 2 >= 3 }}',
  '{% filter upper %}abc {{ 1 }}{% endfilter %}',
])('%s', (text) => {
  expect(render(text)).toBe(stock.renderString(text, globals))
})

test.each([
  // Stock prints nothing, "[object Object]", "1,2" or the function's code; all of them are mistakes in SQL.
  ['{{ none }}', ''],
  ['{{ {"a": 1} }}', '[object Object]'],
  ['{{ [1, 2] }}', '1,2'],
  ['{% for x in none %}{% endfor %}', ''],
  ['{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m(1, 2) }}', '[1]'],
  ['{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m(b=2, a=1) }}', '[1]'],
])('stock prints %j as %j, here it is an error', (text, printed) => {
  expect(stock.renderString(text, globals)).toBe(printed)
  expect(() => render(text)).toThrow(/E-TPL-UNDEF/)
})
