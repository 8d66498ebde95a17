import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type LiveProject, liveProject } from '../support/live-project.ts'
import { readAudit } from '../support/read-audit.ts'
import { cellOf, type ExpectedCrm, type ExpectedStep, expectSteps, readMonths } from './expected-months.ts'
import { ADDED, cikLeg, type Leg, SCHEMA_CHANGE, symbolLeg } from './replay-legs.ts'
import { projectFiles, SCHEMAS, seedFile } from './replay-project.ts'

const SHARED = process.env.BACKFEED_SHARED ?? new URL('../../../shared', import.meta.url).pathname
const DATA = join(SHARED, 'data', 'sp500')

if (!existsSync(DATA)) console.log('S&P 500 replay: not run: ../shared absent (set BACKFEED_SHARED)')

describe.runIf(existsSync(DATA))('S&P 500, month by month', () => {
  const months = existsSync(DATA) ? readMonths(DATA) : new Map()
  let project: LiveProject | undefined

  afterEach(() => project?.close())

  for (const leg of [symbolLeg(months), cikLeg(months)]) {
    test(`${leg.key} to ${SCHEMAS[leg.name].crm}: every month does what the files say`, async () => {
      const expected = expectSteps(months, leg.key, leg.steps)
      project = await liveProject({})
      const { crm, object, schema } = SCHEMAS[leg.name]
      await project.control.putSchema(crm, object, schema)
      for (const [index, step] of expected.steps.entries()) {
        expect(await replayStep(project, leg, index), `${step.month}, step ${index}`).toEqual(asSeen(step))
      }
      await expectCrm(project, leg, expected.crm)
      const last = months.get([...months.keys()].at(-1)) ?? []
      expectLastFile(leg, last, expected.crm)
      expect(await readAudit(project, 'select count(*) from backfeed_audit.reconciliation')).toEqual([['0']])
    })
  }

  test('the schema change adds mapped fields: only those are planned for rows that did not change', () => {
    const { steps } = expectSteps(months, 'Symbol', symbolLeg(months).steps)
    const [, second] = steps.filter((step) => step.month === SCHEMA_CHANGE)
    const fields = new Set(second?.fieldChanges.map((change) => /^(?:.*?) (\w+__c|Name)=/.exec(change)?.[1]))
    expect(second?.updates.length).toBe(months.get(SCHEMA_CHANGE)?.length)
    expect(fields).toEqual(new Set(Object.keys(ADDED)))
  })
})

/** One month, done the way a user does it, and what the audit says happened. */
async function replayStep(project: LiveProject, leg: Leg, index: number): Promise<unknown> {
  const step = leg.steps[index]
  if (step === undefined) return undefined
  for (const [file, text] of Object.entries(projectFiles(leg, step.mapping))) project.write(file, text)
  project.write('seeds/sp500.csv', seedFile(readFileSync(join(DATA, `${step.month}.csv`), 'utf8')))
  for (const argv of [['seed'], ['run', '--output', 'json']]) {
    const result = await project.cli(...argv)
    expect(result.exit, `${argv.join(' ')}: ${result.stderr}`).toBe(0)
  }
  return observedStep(project)
}

async function observedStep(project: LiveProject): Promise<unknown> {
  const last = '(select run_id from backfeed_audit.runs order by epoch desc limit 1)'
  const ask = (sql: string) => readAudit(project, sql)
  const rows = await ask(
    `select distinct op, row_key from backfeed_audit.changes where run_id = ${last} and outcome = 'succeeded' order by all`,
  )
  const removed = await ask(
    `select row_key from backfeed_audit.changes where run_id = ${last} and decision = 'removed' order by all`,
  )
  const fields = await ask(
    `select row_key || ' ' || field || '=' || after_value from backfeed_audit.field_changes where run_id = ${last} and outcome = 'succeeded' order by all`,
  )
  const waiting = await ask(
    `select coalesce(sum(source_rows), 0) from (select row_key, max(source_rows) as source_rows from backfeed_audit.quarantine where status = 'open' group by row_key)`,
  )
  const keysOf = (operation: string) => rows.filter((row) => row[0] === operation).map((row) => row[1])
  return {
    creates: keysOf('create'),
    updates: keysOf('update'),
    removals: removed.map((row) => row[0]),
    fieldChanges: fields.map((row) => row[0]),
    quarantinedRows: Number(waiting[0]?.[0]),
  }
}

function asSeen(step: ExpectedStep): unknown {
  return {
    creates: [...step.creates].sort(),
    updates: [...step.updates].sort(),
    removals: [...step.removals].sort(),
    fieldChanges: [...step.fieldChanges].sort(),
    quarantinedRows: step.quarantinedRows,
  }
}

/** Records that left the file stay as they were: on_removed does nothing. */
async function expectCrm(project: LiveProject, leg: Leg, expected: ExpectedCrm): Promise<void> {
  const { crm, object } = SCHEMAS[leg.name]
  const keyField = leg.name === 'symbol' ? 'Symbol__c' : 'cik'
  const records = (await project.control.records(crm, object)).map(
    (record): Record<string, unknown> => ({
      ...record,
      ...(typeof record.properties === 'object' ? record.properties : {}),
    }),
  )
  expect(records).toHaveLength(expected.size)
  for (const record of records)
    expect(record).toMatchObject(expected.get(String(record[keyField])) ?? { missing: 'no such key' })
}

function expectLastFile(leg: Leg, rows: readonly Readonly<Record<string, string>>[], crm: ExpectedCrm): void {
  const mapping = leg.steps.at(-1)?.mapping ?? {}
  const keys = rows.map((row) => row[leg.key] ?? '')
  for (const row of rows.filter((candidate) => keys.filter((key) => key === candidate[leg.key]).length === 1)) {
    const wanted = Object.fromEntries(
      Object.entries(mapping)
        .filter(([, column]) => cellOf(row, column) !== '')
        .map(([field, column]) => [field, row[column]]),
    )
    expect(crm.get(row[leg.key] ?? '')).toMatchObject(wanted)
  }
}
