import { expect, test } from 'vitest'
import type { LiveProject } from '../support/live-project.ts'
import { readAudit } from '../support/read-audit.ts'
import { accountsModel, CUSTOMERS, sentRecords, smallSync } from './small-sync.ts'

const RAISED = CUSTOMERS.map((row) => ({ ...row, ltv: '99.00', segment: 'wrong' }))

async function stored(project: LiveProject): Promise<Record<string, unknown[]>> {
  const records = await project.control.records('salesforce', 'Account')
  return Object.fromEntries(records.map(({ Customer_Id__c: key, LTV__c, Segment__c }) => [key, [LTV__c, Segment__c]]))
}

async function lastRun(project: LiveProject): Promise<string> {
  const runs = await readAudit(
    project,
    "select run_id from backfeed_audit.runs where kind = 'run' order by epoch desc limit 1",
  )
  return runs[0]?.[0] ?? ''
}

test('any run can be undone from its before-images, except cells that somebody has edited since (F82, F83)', async () => {
  const project = await smallSync()
  try {
    await project.cli('run')
    project.write('models/accounts.sql', accountsModel(RAISED))
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    const bad = await lastRun(project)
    const edited = (await project.control.records('salesforce', 'Account')).find(
      (each) => each.Customer_Id__c === 'C-2',
    )
    await project.control.putRecords('salesforce', 'Account', [{ Id: edited?.Id, Segment__c: 'by hand' }])
    await project.takeWrites()

    const planned = await project.cli('revert', bad)
    expect(planned.exit).toBe(0)
    expect(planned.stdout).toContain('99 → 10.5')
    expect(planned.stdout).toContain('Segment__c: changed since the run wrote it')
    expect(await project.takeWrites()).toEqual([])

    const undone = await project.cli('revert', bad, '--apply')
    expect(undone).toMatchObject({ exit: 0 })
    expect(undone.stdout).toContain('left alone: 1 changed since the run wrote it')
    expect(undone.stdout).toContain('C-2  Segment__c: changed since the run wrote it')
    expect(await stored(project)).toEqual({ 'C-1': [10.5, 'power'], 'C-2': [20, 'by hand'], 'C-3': [30, 'light'] })
    const sent = sentRecords(await project.takeWrites())
    expect(sent.map((record) => Object.keys(record).filter((name) => name.endsWith('__c')))).toEqual([
      ['LTV__c', 'Segment__c'],
      ['LTV__c'],
      ['LTV__c', 'Segment__c'],
    ])

    // The schedule fires: nothing goes out, and it says who stopped it and how to go on.
    const refused = await project.cli('run')
    expect(refused.exit).toBe(3)
    expect(refused.stderr).toContain('E-RUN-PAUSED')
    expect(refused.stderr).toContain(`revert of ${bad}`)
    expect(refused.stderr).toContain('backfeed resume accounts')
    expect(await project.takeWrites()).toEqual([])
    expect((await project.cli('status')).stdout).toContain(`revert of ${bad}`)
    expect(await project.cli('plan', '--detailed-exitcode')).toMatchObject({ exit: 10 })

    const again = await project.cli('revert', bad, '--apply')
    expect(again).toMatchObject({ exit: 0 })
    expect(again.stdout).toContain('nothing to do')
    expect(await project.takeWrites()).toEqual([])

    expect(await project.cli('resume', 'accounts', '--reason', 'model is right again')).toMatchObject({ exit: 0 })
    project.write('models/accounts.sql', accountsModel(CUSTOMERS))
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    expect(await stored(project)).toEqual({ 'C-1': [10.5, 'power'], 'C-2': [20, 'core'], 'C-3': [30, 'light'] })
    expect(await readAudit(project, 'select * from backfeed_audit.reconciliation')).toEqual([])
  } finally {
    await project.close()
  }
})

test('a revert, a pause and an unlock say what they need, and nothing happens before they have it', async () => {
  const project = await smallSync()
  try {
    await project.cli('run')
    const run = await lastRun(project)
    await project.takeWrites()
    expect(await project.cli('revert', 'run_none')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('E-REV-UNKNOWN'),
    })
    expect(await project.cli('revert', run, '--delete-created')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('not supported yet'),
    })
    project.write('keys.txt', '\n\n')
    expect(await project.cli('revert', run, '--keys-file', 'keys.txt')).toMatchObject({ exit: 2 })
    project.write('keys.txt', 'C-1\nC-3\n')
    const created = await project.cli('revert', run, '--keys-file', 'keys.txt', '--apply')
    expect(created.stdout).toContain('left alone: 2 the run created the record, which stays')
    expect(await project.cli('run')).toMatchObject({ exit: 0 })

    expect(await project.cli('pause', 'accounts')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('--reason'),
    })
    expect(await project.cli('pause', 'acounts', '--reason', 'x')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('accounts'),
    })
    expect(await project.cli('pause', 'accounts', '--reason', 'scores look wrong')).toMatchObject({ exit: 0 })
    const refused = await project.cli('run', '--output', 'json')
    expect(refused.exit).toBe(3)
    expect(refused.stdout).toContain('E-RUN-PAUSED')
    expect(await project.cli('resume', 'accounts')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('scores look wrong'),
    })
    expect(await project.cli('resume', 'accounts')).toMatchObject({ stdout: expect.stringContaining('was not paused') })
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    expect(await project.cli('unlock', 'accounts')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('Nobody holds accounts'),
    })
    expect(await project.cli('unlock', 'accounts', '--yes')).toMatchObject({ exit: 2 })
    expect(
      await readAudit(
        project,
        'select kind, sync_name, reason from backfeed_audit.interventions order by intervention_no',
      ),
    ).toEqual([
      ['pause', 'accounts', 'scores look wrong'],
      ['resume', 'accounts', null],
    ])
    expect(await project.takeWrites()).toEqual([])
  } finally {
    await project.close()
  }
})

test('a revert that finds nothing to put back leaves state and the invariants as they were', async () => {
  const project = await smallSync(CUSTOMERS, { more: ['audit: {values: hashed}'] })
  try {
    await project.cli('run')
    project.write('models/accounts.sql', accountsModel(RAISED))
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    await project.takeWrites()
    const reverted = await project.cli('revert', await lastRun(project), '--apply')
    expect(reverted).toMatchObject({ exit: 0 })
    expect(reverted.stdout).toContain('left alone: 6 the audit kept no values of it')
    expect(await project.takeWrites()).toEqual([])
    expect(await project.cli('audit', 'check')).toMatchObject({ exit: 0 })
  } finally {
    await project.close()
  }
})
