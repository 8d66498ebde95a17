/** A link is a run like any other: on every warehouse, after a death at any point, and with keys the log may not hold. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from '../sync-lab.ts'

const HOUR = 3_600_000

describe.each(warehousesUnderTest().map(({ name }) => name))('link on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.emulator.control.putSchema('hubspot', 'companies', {
      properties: [{ name: 'own_key', type: 'string', fieldType: 'text', hasUniqueValue: true }],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), domain varchar(80))')
  })
  afterAll(() => lab.close())

  const fill = (rows: readonly (readonly [id: string, domain: string])[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given values ${rows.map((row) => `(${row.map(quoted).join(', ')})`).join(', ')}`,
    )
  const mapping = (sync: string, more = '') =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: companies}
    mode: upsert
    match: {field: own_key, from: id, strategy: unique_property}
    fields:
      - {to: domain, from: domain}
    limits: {batch_size: 1, concurrency: 1}
    ${openGuards}
    ${more}
`)
  const keysOf = async (suffix: string): Promise<unknown[]> => {
    const records = await lab.emulator.control.records('hubspot', 'companies')
    const all = records.map((record) => (record.properties ?? record) as Record<string, unknown>)
    return all
      .filter(({ domain }) => String(domain).endsWith(suffix))
      .map(({ domain, own_key }) => [domain, own_key || null])
  }

  test.each(['CP08', 'CP09', 'CP11', 'CP24', 'CP26'])(
    'a death at %s: the next link settles it, no key twice',
    async (point) => {
      const sync = `at_${point.toLowerCase()}`
      const suffix = `${point.toLowerCase()}.example`
      const domains = [1, 2, 3].map((n) => `${n}.${suffix}`)
      mapping(sync)
      await fill(domains.map((domain, index) => [`${sync}-${index}`, domain]))
      await lab.emulator.control.putRecords(
        'hubspot',
        'companies',
        domains.slice(0, 2).map((domain) => ({ domain })),
      )
      await expect(lab.execute('run', sync, { linkBy: 'domain', crashAt: point })).rejects.toThrow(point)
      lab.advance(HOUR)
      // What may still be on its way is waited for, and nothing is made beside it.
      await lab.execute('run', sync, { linkBy: 'domain' })
      await lab.execute('run', sync)
      lab.advance(HOUR)
      expect(await lab.execute('run', sync, { linkBy: 'domain' })).toMatchObject({ exitCode: 0, unresolved: 0 })
      expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, unresolved: 0 })
      expect(await keysOf(suffix)).toEqual(domains.map((domain, index) => [domain, `${sync}-${index}`]))
      await lab.writes()
      expect(await lab.execute('run', sync, { linkBy: 'domain' })).toMatchObject({ totals: { writeCalls: 0 } })
      expect(await lab.execute('run', sync)).toMatchObject({ totals: { writeCalls: 0 } })
      expect(await lab.writes()).toEqual([])
      expect(await lab.query(`select * from backfeed_audit.reconciliation where sync_name like '${sync}%'`)).toEqual([])
    },
  )

  test('a sensitive key stands nowhere in the log, and ids in quarantine name records only', async () => {
    const sync = 'secret_keys'
    mapping(sync, 'audit: {sensitive: {id: hash}}')
    await fill([
      ['key-one', 'one.secret.example'],
      ['key-two', 'two.secret.example'],
    ])
    const ids = await lab.emulator.control.putRecords('hubspot', 'companies', [
      { domain: 'one.secret.example' },
      { domain: 'two.secret.example', own_key: 'key-other' },
    ])
    expect(await lab.execute('run', sync, { linkBy: 'domain' })).toMatchObject({ exitCode: 0, quarantined: 1 })
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, totals: { created: 0 }, quarantined: 1 })
    const [message] = await lab.query(`select message from backfeed_audit.quarantine where sync_name = '${sync}__link'`)
    expect(message?.[0]).toContain(ids[1])
    for (const table of ['sync_plan_row', 'sync_plan_field', 'sync_quarantine_event', 'sync_result', 'sync_identity']) {
      const rows = await lab.query(`select * from backfeed.${table}`)
      expect(JSON.stringify(rows), table).not.toMatch(/key-(one|two|other)/)
    }
  })

  test('several records are told with their ids, ten at most', async () => {
    const sync = 'many'
    mapping(sync)
    await fill([['many-1', 'many.example']])
    const ids = await lab.emulator.control.putRecords(
      'hubspot',
      'companies',
      Array.from({ length: 12 }, () => ({ domain: 'many.example' })),
    )
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, quarantined: 1, totals: { created: 0 } })
    const [row] = await lab.query(`select code, message from backfeed_audit.quarantine where sync_name = '${sync}'`)
    expect(row?.[0]).toBe('E-DATA-AMBIGUOUS')
    expect(ids.filter((id) => row?.[1]?.includes(id))).toHaveLength(10)
    expect(row?.[1]).toMatch(/, …$/)
  })
})
