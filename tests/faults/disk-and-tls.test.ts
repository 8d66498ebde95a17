/** Disks that are full, files that are taken, certificates that are wrong. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { selfSigned } from '../../emulator/core/self-signed.ts'
import { startTestEmulator } from '../support/emulator.ts'
import { openStory } from './support/crash-story.ts'
import { type FaultProxy, startFaultProxy } from './support/fault-proxy.ts'
import { openProcessLab, type ProcessLab } from './support/process-lab.ts'
import { runUntilSettled } from './support/run-until-settled.ts'
import { LEGS } from './support/sync-leg.ts'

let lab: ProcessLab
afterEach(() => lab.close())

describe('a disk without room', () => {
  test('F61 for the DuckDB file: the run ends with an error of its own, and the next one recovers exactly', async () => {
    lab = await openProcessLab({ warehouse: 'duckdb' })
    const story = await openStory(lab, LEGS.collections)
    await story.nextChapter()
    const padding = "insert into backfeed.rows_story select 'pad-' || i, 'p', null from range(60000) as t(i)"
    await lab
      .exec(padding, "delete from backfeed.rows_story where id like 'pad-%'", 'checkpoint')
      .catch(() => undefined)
    // In blocks of 1,024 bytes: the file may grow a little, and the log beside it must not outgrow it.
    const run = await lab.run(['run', '--output', 'json'], { shell: 'ulimit -f 300' })
    expect(run.signal).toBeNull()
    expect(run.code, run.stderr).not.toBe(0)
    expect(run.stderr).toMatch(/E-(SQL|WH)-/)
    await lab.expireLeases()
    await runUntilSettled(lab, story.expected())
  })
})

describe('TLS', () => {
  const handshake = async (options: { trust: boolean; host: string; validFrom?: number }) => {
    const pair = selfSigned(options.validFrom ?? Date.now())
    const emulator = await startTestEmulator()
    const front: FaultProxy = await startFaultProxy(emulator.url, { tls: pair })
    const url = `https://${options.host}:${new URL(front.url).port}`
    lab = await openProcessLab({ warehouse: 'duckdb', crmUrl: url })
    await LEGS.collections.prepare({ ...lab, emulator })
    lab.syncs(LEGS.collections.sync('story'), ['rows_story'])
    await lab.exec('create table backfeed.rows_story (id varchar(60), plan varchar(80), note varchar(80))')
    await lab.exec("insert into backfeed.rows_story values ('a', 'b', null)")
    const ca = join(lab.dir, 'ca.pem')
    writeFileSync(ca, pair.cert)
    const run = await lab.run(['run', '--output', 'json'], {
      shipped: true,
      ...(options.trust ? { env: { NODE_EXTRA_CA_CERTS: ca } } : {}),
    })
    const records = await emulator.control.records('salesforce', 'Account')
    const seen = front.seen.length
    await front.close()
    await emulator.close()
    return { run, records: records.length, seen }
  }
  const TEN_YEARS = 10 * 365 * 86_400_000

  test('with a certificate it trusts the run goes through: the cases below can fail', async () => {
    const { run, records } = await handshake({ trust: true, host: 'localhost' })
    expect(run.code, run.stderr).toBe(0)
    expect(records).toBe(1)
  })

  test.each([
    ['F85 a certificate that nobody vouches for', { trust: false, host: 'localhost' }],
    [
      'F85 a certificate that has expired',
      { trust: true, host: 'localhost', validFrom: Date.now() - TEN_YEARS - 86_400_000 },
    ],
    ['F85 a certificate of another name', { trust: true, host: '127.0.0.2' }],
  ])('%s is refused before a request is made', async (_, options) => {
    const { run, records, seen } = await handshake(options)
    expect(run.code, run.stderr).toBe(75)
    expect({ records, seen }).toEqual({ records: 0, seen: 0 })
    expect(run.stderr).not.toContain('NODE_TLS_REJECT_UNAUTHORIZED')
  })
})
