/** Undoing runs of a HubSpot sync: records are met by their ids, whatever they are called by now. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../../support/warehouses.ts'
import { auditFindings } from '../audit-findings.ts'
import { openGuards } from '../sync-lab.ts'
import { openRevertLab, type RevertLab } from './revert-lab.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('revert of HubSpot runs on %s', (name) => {
  let lab: RevertLab
  beforeAll(async () => {
    lab = await openRevertLab(name)
    await lab.emulator.control.putSchema('hubspot', 'contacts', {
      properties: [
        { name: 'plan_name', type: 'string', fieldType: 'text' },
        { name: 'plan_score', type: 'number', fieldType: 'number' },
        { name: 'plan_notes', type: 'string', fieldType: 'textarea' },
      ],
    })
  })
  afterAll(() => lab.close())

  const mapping = (sync: string) =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: contacts}
    mode: upsert
    match: {field: email, from: id, strategy: unique_property}
    first_sync: overwrite
    fields:
      - {to: plan_name, from: plan}
      - {to: plan_score, from: score}
      - {to: plan_notes, from: note, on_null: clear}
    limits: {batch_size: 2, concurrency: 1}
    ${openGuards}
`)
  const records = () => lab.emulator.control.records('hubspot', 'contacts')
  const propertiesOf = (record: Record<string, unknown>) =>
    (typeof record.properties === 'object' && record.properties !== null ? record.properties : record) as Record<
      string,
      unknown
    >
  const stored = async (prefix: string): Promise<Record<string, unknown[]>> =>
    Object.fromEntries(
      (await records())
        .map(propertiesOf)
        .filter((record) => String(record.email ?? '').startsWith(prefix))
        .map((record) => [
          String(record.email).slice(prefix.length).split('@')[0],
          [record.plan_name || null, record.plan_score || null, record.plan_notes || null],
        ]),
    )

  test('F82 edited by hand, blanked, renamed: each record gets back what it had, except what somebody changed', async () => {
    mapping('contacts')
    const rows = (plan: string, score: string, note: string | null) =>
      ['1', '2', '3'].map((n) => ({ id: `r-${n}@example.com`, plan, score, note }))
    await lab.fill(rows('old', '1.5', 'first'))
    await lab.run('contacts')
    await lab.fill(rows('new', '2.25', null))
    const bad = await lab.run('contacts')
    const found = await records()
    const idOf = (email: string) => found.find((record) => propertiesOf(record).email === email)?.id
    await lab.emulator.control.putRecords('hubspot', 'contacts', [
      { id: idOf('r-2@example.com'), properties: { plan_name: 'by hand' } },
      { id: idOf('r-3@example.com'), properties: { email: 'r-renamed@example.com' } },
    ])
    await lab.writes()
    const undone = await lab.revert('contacts', { runId: bad })
    expect(undone.error?.problems ?? []).toEqual([])
    expect(undone).toMatchObject({ exitCode: 0, totals: { succeeded: 3, created: 0 } })
    expect((await lab.writes()).map(({ path }) => path)).toEqual(
      Array(2).fill(expect.stringContaining('/contacts/batch/update')),
    )
    expect(await stored('r-')).toEqual({
      1: ['old', '1.50', 'first'],
      2: ['by hand', '1.50', 'first'],
      renamed: ['old', '1.50', 'first'],
    })
    expect(await lab.leftAlone('contacts')).toEqual([['r-2@example.com', 'plan_name', 'changed_since']])
    const { state, rebuilt } = await lab.stateAndRebuilt('contacts')
    expect(rebuilt).toEqual(state)
    expect(await lab.revert('contacts', { runId: bad })).toMatchObject({ status: 'nothing to do' })
    const redone = await lab.revert('contacts', { runId: undone.runId ?? '' })
    expect(redone).toMatchObject({ exitCode: 0, totals: { succeeded: 3 } })
    expect(await stored('r-')).toMatchObject({ 1: ['new', '2.25', null], 2: ['by hand', '2.25', null] })
  })

  test('after all of this no invariant is broken', async () => {
    expect(await auditFindings(lab, name)).toEqual([])
  })
})
