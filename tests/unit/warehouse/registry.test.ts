import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tagged } from '../../../runner/warehouse/managed-warehouse.ts'
import { warehouseAdapter, warehouseNames } from '../../../runner/warehouse/registry.ts'

describe('the warehouse registry', () => {
  it('knows the dialect chain of every built warehouse without opening it', () => {
    expect(warehouseAdapter('duckdb').dialectChain).toEqual(['duckdb'])
    expect(warehouseAdapter('postgres').dialectChain).toEqual(['postgres'])
  })

  it('refuses a warehouse that is not built by name', () => {
    expect(warehouseNames).toContain('snowflake')
    expect(() => warehouseAdapter('snowflake')).toThrow(/E-WH-UNSUPPORTED.*"snowflake" is not supported yet/)
  })

  it('tells the range of pg that package.json promises', () => {
    const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    const driver = readFileSync('runner/warehouse/postgres-driver.ts', 'utf8')
    expect(driver).toContain(`range: '${peerDependencies.pg}'`)
  })

  it('writes nothing into a tag that could end the comment', () => {
    const tag = { run: '*/ drop table t; /*', sync: 'a b\n', step: 'ok.step-1' }
    const sql = tagged('select 1', { id: 'é', tag })
    expect(sql).toBe('/* backfeed run=___drop_table_t____ sync=a_b_ step=ok.step-1 id=_ */ select 1')
  })

  it.each([
    ['@duckdb/node-api', 'duckdb-driver.ts'],
    ['pg', 'postgres-driver.ts'],
  ])('imports %s in one file only, lazily', (driver, file) => {
    const folder = 'runner/warehouse'
    const texts = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
    const importers = texts.filter(({ text }) => text.includes(`'${driver}'`))
    expect(importers.map(({ name }) => name)).toEqual([file])
    expect(importers[0]?.text).not.toMatch(new RegExp(`^import (?!type).*'${driver}'`, 'm'))
  })
})
