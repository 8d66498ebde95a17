import { describe, expect, test } from 'vitest'
import type { BulkState } from '../../runner/destination/bulk.ts'
import { NEVER } from '../support/open-for-test.ts'
import { change, loadAll, pages, resultsOf, UPSERT, useBulk } from './salesforce-bulk-harness.ts'

const open = useBulk()

const numbered = (count: number, more: (index: number) => Record<string, unknown> = () => ({})) =>
  Array.from({ length: count }, (_, index) =>
    change(`c${index}`, { Customer_Id__c: `C-${index}`, Name: `Name ${index}`, ...more(index) }),
  )

const statuses = (results: ReadonlyMap<string, { status: string }>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status } of results.values()) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

describe('a load', () => {
  test('every row is written, its result found by its key whatever the order', async () => {
    const { bulk, emulator } = open()
    await emulator.control.putRecords('salesforce', 'Account', [{ Customer_Id__c: 'C-1', Name: 'before' }])
    const { state, results } = await loadAll(bulk, UPSERT, numbered(10_200))
    expect(state).toMatchObject({ phase: 'complete', processed: 10_200, failed: 0 })
    expect(results.size).toBe(10_200)
    expect(statuses(results)).toEqual({ succeeded: 10_200 })
    expect(results.get('C-1')).toMatchObject({ created: false })
    expect(results.get('C-2')).toMatchObject({ created: true })
    const records = await emulator.control.records('salesforce', 'Account')
    expect(records).toHaveLength(10_200)
    const stored = records.find((record) => record.Customer_Id__c === 'C-10199')
    expect(stored).toMatchObject({ Name: 'Name 10199' })
    expect(results.get('C-10199')).toMatchObject({ recordId: stored?.Id })
  })

  test('nasty values are stored as they are, cleared fields are empty, numbers exact', async () => {
    const { bulk, emulator } = open()
    await emulator.control.putRecords('salesforce', 'Account', [
      { Customer_Id__c: 'k"1,\n2', Name: 'x', Active__c: true, LTV__c: 5 },
    ])
    const names = [
      'say "hi", you',
      'two\nlines',
      'é 😀 \u2028 漢',
      'back\\slash </script>',
      "it's",
      'null',
      '#n/a',
      '=1+1',
    ]
    const changes = names.map((Name, index) =>
      change(`c${index}`, {
        Customer_Id__c: index === 0 ? 'k"1,\n2' : `K-${index}`,
        Name,
        LTV__c: index === 0 ? null : 12.5,
        Active__c: index % 2 === 0,
      }),
    )
    const { results } = await loadAll(bulk, UPSERT, changes)
    expect(statuses(results)).toEqual({ succeeded: names.length })
    expect(results.get('k"1,\n2')).toMatchObject({ created: false })
    const records = await emulator.control.records('salesforce', 'Account')
    expect(records.map(({ Name }) => Name).sort()).toEqual([...names].sort())
    const byKey = (key: string) => records.find((record) => record.Customer_Id__c === key)
    expect(byKey('k"1,\n2')).toMatchObject({ LTV__c: null, Active__c: true })
    expect(byKey('K-1')).toMatchObject({ LTV__c: 12.5, Active__c: false })
  })

  test('an update names records by id', async () => {
    const { bulk, emulator } = open()
    const [id = ''] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'before' }])
    const gone = '001000000000001AAA'
    const changes = [change('1', { id, Name: 'after' }), change('2', { id: gone, Name: 'after' })]
    const { results } = await loadAll(bulk, { object: 'Account', path: 'update' }, changes)
    expect(results.get(id)).toEqual({ status: 'succeeded', recordId: id, created: false })
    expect(results.get(gone)).toMatchObject({ status: 'rejected' })
    expect(await emulator.control.records('salesforce', 'Account')).toMatchObject([{ Name: 'after' }])
  })

  test('a refused row fails alone, with its code and field, and without its values', async () => {
    const { bulk } = open()
    const changes = numbered(5, (index) => ({ Billing_Email__c: index === 3 ? 'secret at nowhere' : 'a@example.com' }))
    const { state, results } = await loadAll(bulk, UPSERT, changes)
    expect(state).toMatchObject({ phase: 'complete', processed: 5, failed: 1 })
    expect(results.get('C-3')).toMatchObject({
      status: 'rejected',
      code: 'INVALID_EMAIL_ADDRESS',
      field: 'Billing_Email__c',
    })
    expect(JSON.stringify(results.get('C-3'))).not.toContain('secret')
    expect(statuses(results)).toEqual({ succeeded: 4, rejected: 1 })
  })

  test('locked rows are retryable', async () => {
    const { bulk, configure } = open()
    await configure({ locked: { chunks: [1], outcome: 'rows' } })
    const { results } = await loadAll(bulk, UPSERT, numbered(500))
    expect(statuses(results)).toEqual({ succeeded: 300, retryable: 200 })
  })
})

describe('a job that does not complete', () => {
  test('failed half way: what was done counts, the rest is retryable', async () => {
    const { bulk, configure, emulator } = open()
    await configure({ fail_after_rows: 400, fail_message: 'TooManyLockFailure : Too many lock failure' })
    const { state, results } = await loadAll(bulk, UPSERT, numbered(1_000))
    expect(state).toMatchObject({ phase: 'failed', verdict: { status: 'retryable', code: 'TooManyLockFailure' } })
    const written = (await emulator.control.records('salesforce', 'Account')).length
    expect(written).toBeGreaterThan(0)
    expect(statuses(results)).toEqual({ succeeded: written, retryable: 1_000 - written })
  })

  test('a field the org does not have: nothing written, the mapping is named', async () => {
    const { bulk, emulator } = open()
    const { state, results } = await loadAll(
      bulk,
      UPSERT,
      numbered(3, () => ({ Nowhere__c: 'x' })),
    )
    expect(state).toMatchObject({ phase: 'failed', verdict: { code: 'InvalidBatch', stops: 'mapping' } })
    expect(state.message).toContain('Nowhere__c')
    expect([...results.values()]).toEqual(Array(3).fill(expect.objectContaining({ stops: 'mapping' })))
    expect(await emulator.control.records('salesforce', 'Account')).toEqual([])
  })

  test('aborted by us before it is closed', async () => {
    const { bulk } = open()
    const load = await bulk.prepare(UPSERT, pages(numbered(3)), NEVER)
    const id = await bulk.create(UPSERT, NEVER)
    expect((await bulk.state(id, NEVER)).phase).toBe('open')
    await bulk.upload(id, load, NEVER)
    await bulk.abort(id, NEVER)
    const state = await bulk.settled(id, NEVER)
    expect(state.phase).toBe('aborted')
    const results = await resultsOf(bulk, { id, request: UPSERT, state })
    expect([...results.values()]).toEqual(Array(3).fill({ status: 'retryable', code: 'JOB_ABORTED' }))
    await load.discard()
  })

  test('aborted by somebody while it runs', async () => {
    const { bulk, configure, endJob } = open()
    await configure({ batch_ms: 3_600_000 })
    const load = await bulk.prepare(UPSERT, pages(numbered(3)), NEVER)
    const id = await bulk.create(UPSERT, NEVER)
    await bulk.upload(id, load, NEVER)
    await bulk.close(id, NEVER)
    await load.discard()
    const seen: BulkState[] = []
    const settled = bulk.settled(id, NEVER, (state) => void seen.push(state))
    await endJob(id, { state: 'Aborted' })
    expect((await settled).phase).toBe('aborted')
    expect(seen.at(-1)?.phase).toBe('aborted')
  })

  test('a job nobody knows is gone', async () => {
    expect(await open().bulk.state('750000000000001AAA', NEVER)).toEqual({ phase: 'gone' })
  })

  test('a job nobody closed is returned as open', async () => {
    const { bulk } = open()
    const id = await bulk.create(UPSERT, NEVER)
    expect((await bulk.settled(id, NEVER)).phase).toBe('open')
  })

  test('waiting ends with the run, the job goes on', async () => {
    const { bulk, configure } = open()
    await configure({ queue_ms: 3_600_000 })
    const load = await bulk.prepare(UPSERT, pages(numbered(3)), NEVER)
    const id = await bulk.create(UPSERT, NEVER)
    await bulk.upload(id, load, NEVER)
    await bulk.close(id, NEVER)
    const stop = new AbortController()
    const settled = bulk.settled(id, stop.signal, () => stop.abort(new TypeError('stopped')))
    await expect(settled).rejects.toThrow('stopped')
    expect((await bulk.state(id, NEVER)).phase).toBe('queued')
    await load.discard()
  })
})
