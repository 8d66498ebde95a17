import { expect, test } from 'vitest'
import { environmentOf, fixture, target } from './try-template.ts'

const environment = environmentOf({ packageMacros: [fixture('policies.sql'), fixture('standardize/email.sql')] })

/** Every rendered line with the line of the file it is said to come from. */
function mapped(text: string): string[] {
  const { sql, sourceLines } = environment.render({ file: 'models/m.sql', text, context: { target } })
  const lines = sql.split('\n')
  expect(sourceLines).toHaveLength(lines.length)
  return lines.map((line, i) => `${sourceLines[i]}:${line.trim()}`)
}

test.each([
  ['select 1\n, 2\nfrom x', ['1:select 1', '2:, 2', '3:from x']],
  ['{{ config(a=1) }}\nselect 1\n', ['1:', '2:select 1', '3:']],
  ['{# one\ntwo #}\nselect 1', ['2:', '3:select 1']],
  ['{% if true %}\nselect 1\n{% endif %}\nfrom x', ['2:select 1', '4:from x']],
  ['{% if true -%}\n\n\n  select 1\n{% endif %}\nfrom x', ['4:select 1', '6:from x']],
  ['select\n{% for x in [1, 2] %}\n  a{{ x }},\n{% endfor %}\n  z', ['1:select', '3:a1,', '3:a2,', '5:z']],
  [
    'select\n  {{ sql.create_table_as("a", "b") }}\nfrom x',
    ['1:select', '2:create or replace table a as', '2:b', '2:', '3:from x'],
  ],
  ['{% set c %}\na\nb\n{% endset %}\nselect {{ c }}\nfrom x', ['5:select a', '5:b', '5:', '6:from x']],
])('%j', (text, expected) => {
  expect(mapped(text)).toEqual(expected)
})
