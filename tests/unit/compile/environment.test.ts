import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createTemplateEnvironment } from '../../../runner/compile/environment.ts'

const dialect = (name: string) => ({ file: `backfeed:macros/dialect/${name}.sql`, text: readFileSync(`macros/dialect/${name}.sql`, 'utf8') })
test('smoke', () => {
  const t0 = performance.now()
  const env = createTemplateEnvironment({
    packageMacros: [], projectMacros: [], dialectFiles: [dialect('default'), dialect('duckdb')],
    resolve: { ref: (n) => `s.${n}`, source: (s, t) => `${s}.${t}` }, vars: {}, env: {}, runStartedAt: 'x', invocationId: 'y',
  })
  const t1 = performance.now()
  console.log(env.call('sql.create_table', ['a.b', [{ name: 'x', kind: 'text' }, { name: 'y', kind: 'decimal' }]]), t1 - t0)
  const r = env.render({ file: 'models/a.sql', text: `{{ config(materialized='view') }}select {{ sql.cast('a', {kind: 'text'}) }}\n from {{ ref('m') }} {% for x in [1,2] %}{{ x }}{{ ',' if not loop.last }}{% endfor %}`, context: { target: { name: 'dev', type: 'duckdb', schema: 's', audit_schema: 'a' } } })
  console.log(r, performance.now() - t1)
  expect(1).toBe(1)
})
