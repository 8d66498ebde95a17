/** What stops a sync, and what does not: a pause, a lease that was taken away, an attempt that was made before. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ledgerRelations } from '../../../runner/audit/ledger.ts'
import { systemPorts } from '../../../runner/ports.ts'
import { loadProject } from '../../../runner/project/load-project.ts'
import { acquireLease } from '../../../runner/sync/lease.ts'
import { openSession } from '../../../runner/sync/open-session.ts'
import type { Session } from '../../../runner/sync/session.ts'
import { heldLeases, unlock } from '../../../runner/sync/unlock.ts'
import { statement, warehousesUnderTest } from '../../support/warehouses.ts'
import { auditFindings } from '../audit-findings.ts'
import { openGuards } from '../sync-lab.ts'
import { openRevertLab, type RevertLab } from './revert-lab.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('a sync that is stopped on %s', (name) => {
  let lab: RevertLab
  beforeAll(async () => {
    lab = await openRevertLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
      ],
    })
  })
  afterAll(() => lab.close())

  const mapping = (sync: string) =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan}
    limits: {batch_size: 1, concurrency: 1}
    ${openGuards}
`)
  const fill = (prefix: string, plan: string) => lab.fill([1, 2, 3].map((n) => ({ id: `${prefix}${n}`, plan })))
  const keyed = (sync: string) =>
    lab.query(
      `select status from backfeed_audit.runs where sync_name = '${sync}' and run_key is not null order by epoch`,
    )
  const session = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const project = loadProject({ dir: lab.dir, env: {} })
    const target = project.targets.get('dev')
    if (!target) throw new Error('the lab has a target')
    const open = await openSession({
      verb: 'plan',
      project,
      target,
      env: {},
      ports: systemPorts(),
      signal: new AbortController().signal,
      onEvent: () => {},
    })
    try {
      return await work(open)
    } finally {
      await open.close()
    }
  }

  test('F53 a run with the key of one that died goes on with its work, and there is one success per key', async () => {
    mapping('tried')
    await fill('t-', 'old')
    await expect(lab.execute('run', 'tried', { runKey: 'dag/1', crashAt: 'CP11', nth: 2 })).rejects.toThrow('CP11')
    expect(await lab.execute('run', 'tried', { runKey: 'dag/1' })).toMatchObject({ exitCode: 0, unresolved: 0 })
    await lab.writes()
    expect(await lab.execute('run', 'tried', { runKey: 'dag/1' })).toMatchObject({
      status: 'already applied',
      exitCode: 0,
    })
    expect(await lab.writes()).toEqual([])
    expect((await lab.emulator.control.records('salesforce', 'Account')).map(({ Key__c }) => Key__c).sort()).toEqual([
      't-1',
      't-2',
      't-3',
    ])
    const statuses = (await keyed('tried')).map(([status]) => status)
    expect(statuses[0]).toBe('crashed')
    expect(statuses.filter((status) => status === 'succeeded')).toHaveLength(1)
  })

  test('F53 an attempt that waits for the one with the same key does nothing when that one ended well', async () => {
    mapping('waited')
    await fill('w-', 'old')
    let second: ReturnType<RevertLab['execute']> | undefined
    const first = await lab.execute('run', 'waited', {
      runKey: 'dag/2',
      onPoint: (point) => {
        if (point === 'CP09') second ??= lab.execute('run', 'waited', { runKey: 'dag/2', waitMs: 60_000 })
      },
    })
    expect(first).toMatchObject({ exitCode: 0, totals: { succeeded: 3 } })
    expect(await second).toMatchObject({ status: 'already applied', exitCode: 0, runId: first.runId })
    expect(await keyed('waited')).toEqual([['succeeded']])
  })

  test('F53 what the first attempt could not find out is open for the second one too', async () => {
    mapping('open')
    await fill('o-', 'old')
    await lab.execute('run', 'open')
    await fill('o-', 'new')
    await expect(lab.execute('run', 'open', { runKey: 'dag/3', crashAt: 'CP09' })).rejects.toThrow('CP09')
    // It was announced and does not hold what was to be sent: the request may still land, so nothing is sent for it yet.
    await fill('o-', 'newer')
    expect(await lab.execute('run', 'open', { runKey: 'dag/3' })).toMatchObject({ exitCode: 5, unresolved: 1 })
    expect(await lab.execute('run', 'open', { runKey: 'dag/3' })).toMatchObject({
      status: 'already applied',
      exitCode: 5,
      unresolved: 1,
    })
  })

  test('the lease of a dead run is ended with a reason, and one that lives on is fenced', async () => {
    mapping('held')
    await fill('h-', 'old')
    await lab.run('held')
    const table = ledgerRelations('backfeed').sync_lease
    const resource = (await lab.query(`select resource from ${table} where resource like '%/held'`))[0]?.[0] ?? ''
    await session(async (open) => {
      const lease = await acquireLease({ ...open, table, resource, runId: 'run_dead', options: statement })
      const [fresh] = await heldLeases(open, 'held')
      expect(fresh).toMatchObject({ runId: 'run_dead', epoch: lease.epoch, isFresh: true, isExpired: false })
      if (fresh === undefined) throw new Error('it is held')
      const request = { sync: 'held', reason: 'pod was evicted', force: false }
      await expect(unlock(open, { ...request, lease: fresh })).rejects.toMatchObject({
        code: 'E-RUN-ALIVE',
        exitCode: 3,
      })
      const seconds = open.environment.call('sql.seconds_from_now', [-90])
      await open.warehouse.exec(
        `update ${table} set heartbeat_at = ${seconds} where resource = '${resource}'`,
        statement('age'),
      )
      const [silent] = await heldLeases(open, 'held')
      if (silent === undefined) throw new Error('it is held')
      expect(silent.isFresh).toBe(false)
      await unlock(open, { ...request, lease: silent })
      expect(await heldLeases(open, 'held')).toEqual([])
      await expect(lease.renew()).rejects.toMatchObject({ code: 'E-RUN-FENCED' })
      await expect(unlock(open, { ...request, lease: { ...silent, epoch: silent.epoch + 1 } })).rejects.toMatchObject({
        code: 'E-RUN-BUSY',
      })
    })
    expect(
      await lab.query(
        "select kind, sync_name, run_id, reason, actor <> '' from backfeed_audit.interventions where kind = 'unlock'",
      ),
    ).toEqual([['unlock', 'held', 'run_dead', 'pod was evicted', 'true']])
    const epochs = await lab.query(`select epoch from ${table} where resource = '${resource}'`)
    const next = await lab.execute('run', 'held')
    expect(next.exitCode).toBe(0)
    expect(
      Number((await lab.query(`select epoch from backfeed.sync_run where run_id = '${next.runId}'`))[0]?.[0]),
    ).toBe(Number(epochs[0]?.[0]) + 1)
  })

  test('after all of this no invariant is broken', async () => {
    expect(await auditFindings(lab, name)).toEqual([])
  })
})
