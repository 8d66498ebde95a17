/** A key has one bucket, whatever warehouse computes it: the 10 % are part of the 25 % everywhere and for ever. */
import { describe, expect, test } from 'vitest'
import { packageEnvironment } from '../support/package-environment.ts'
import { openTestWarehouse, statement, warehousesUnderTest } from '../support/warehouses.ts'

/** Computed outside, by md5 as everybody has it. Never change a line: rows that have been reached would drop out of their phase. */
const golden: readonly (readonly [salt: string, key: string, bucket: number])[] = [
  ['accounts', 'C-1', 4178],
  ['accounts', 'C-2', 8800],
  ['accounts', '0', 2107],
  ['accounts', '00042', 9941],
  ['accounts', '42', 955],
  ['accounts', 'a b', 9287],
  ['accounts', 'Müller', 6106],
  ['accounts', '日本', 8174],
  ['accounts', "O'Brien", 6576],
  ['accounts', '["a","b"]', 6229],
  ['accounts', '😀', 7601],
  ['accounts', 'x'.repeat(300), 4200],
  ['other', 'C-1', 7759],
  ["it's", 'C-1', 1608],
]

describe.each(warehousesUnderTest().map(({ name }) => name))('buckets on %s', (name) => {
  const environment = packageEnvironment(name)

  test('are those of the golden table', async () => {
    const opened = await openTestWarehouse(name)
    try {
      await opened.warehouse.exec(
        `create table ${opened.schema}.keys_given (n integer, k varchar(400))`,
        statement('create'),
      )
      const given = golden.map(([, key], n) => [String(n), key])
      await opened.warehouse.append({ schema: opened.schema, name: 'keys_given' }, ['n', 'k'], given, statement('fill'))
      const cases = golden.map(([salt], n) => `when ${n} then ${bucketOf(salt)}`).join(' ')
      const sql = `select case n ${cases} end from ${opened.schema}.keys_given order by n`
      const rows = await opened.warehouse.rows(sql, { ...statement('buckets'), max: golden.length })
      expect(rows.map(([bucket], n) => [...(golden[n] ?? []).slice(0, 2), Number(bucket)])).toEqual(golden)
    } finally {
      await opened.drop()
    }
  })

  function bucketOf(salt: string): string {
    const target = { name: 'dev', type: name, schema: 'backfeed', audit_schema: 'backfeed_audit' }
    const context = { target, sync: { rollout: { salt } } }
    return environment.render({ file: 'bucket.sql', text: "{{ rollout.bucket('k') }}", context }).sql
  }
})
