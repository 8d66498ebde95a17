import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../../runner/errors.ts'
import type { Journal } from '../../../runner/ports.ts'
import { openRunJournal, outcomeOf, readJournal } from '../../../runner/sync/run-journal.ts'
import type { Attempt } from '../../../runner/sync/send-batch.ts'
import { systemJournal } from '../../../runner/system-journal.ts'

const owner = { runId: 'run_1', orgId: '00D1', planId: 'plan_1' }

function attempt(...outcomes: Attempt['results'][number]['outcome'][]): Attempt {
  return {
    attempt: 1,
    sendSeq: 1,
    sentAt: '',
    leaseDeadline: '',
    durationMs: 1,
    httpStatus: 200,
    requestId: 'req-1',
    method: 'PATCH',
    path: '/x',
    bodySha256: '',
    results: outcomes.map((outcome, index) => ({
      outcome,
      change: {
        ...{
          changeId: outcome.changeId,
          body: '{"Secret__c":"never on disk"}',
          rowNo: index + 1,
          rowKey: `key-${index}`,
        },
        ...{ crmId: null, payloadHash: 'h', parent: null },
      },
    })),
  }
}
const succeeded = { changeId: 'a', status: 'succeeded', recordId: '001', created: true } as const
const rejected = {
  changeId: 'b',
  status: 'rejected',
  code: 'BAD',
  reason: 'Secret__c: never on disk',
  field: 'Secret__c',
} as const

describe('the local journal', () => {
  let dir: string
  let warnings: Problem[]
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'backfeed-journal-'))
    warnings = []
  })
  afterEach(() => {
    chmodSync(dir, 0o700)
    rmSync(dir, { recursive: true, force: true })
  })
  const path = (): string => join(dir, '.backfeed/journal/run_1.jsonl')
  const open = (journal: Journal = systemJournal()) =>
    openRunJournal({ journal, dir, owner, warn: (problem) => void warnings.push(problem) })
  const read = (of = owner) => readJournal(systemJournal(), dir, of)

  test('holds what became of each row, for its owner only, and no value', async () => {
    await open().note(3, attempt(succeeded, rejected))
    const lines = await read()
    expect(lines).toEqual([
      {
        row_no: 1,
        batch_no: 3,
        attempt: 1,
        outcome: 'succeeded',
        crm_id: '001',
        created: true,
        http_status: 200,
        request_id: 'req-1',
      },
      {
        row_no: 2,
        batch_no: 3,
        attempt: 1,
        outcome: 'rejected',
        code: 'BAD',
        field: 'Secret__c',
        http_status: 200,
        request_id: 'req-1',
      },
    ])
    expect(lines.map(outcomeOf)).toMatchObject([
      { status: 'succeeded', recordId: '001' },
      { status: 'rejected', code: 'BAD' },
    ])
    expect(readFileSync(path(), 'utf8')).not.toMatch(/never on disk|key-/)
    expect([statSync(path()).mode & 0o777, statSync(join(dir, '.backfeed/journal')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ])
  })

  test('the last word of a row counts', async () => {
    const journal = open()
    await journal.note(1, attempt({ changeId: 'a', status: 'retryable', code: 'LOCKED' }))
    await journal.note(1, { ...attempt(succeeded), attempt: 2 })
    expect(await read()).toMatchObject([{ row_no: 1, attempt: 2, outcome: 'succeeded' }])
  })

  test('a torn last line is ignored, whatever came before it counts', async () => {
    await open().note(1, attempt(succeeded))
    appendFileSync(path(), '{"row_no":2,"batch_no":1,"attempt":1,"outcome":"succ')
    expect(await read()).toMatchObject([{ row_no: 1 }])
  })

  test('nothing is believed after a line that makes no sense', async () => {
    await open().note(1, attempt(succeeded))
    appendFileSync(path(), '{"row_no":-7}\n{"row_no":2,"batch_no":1,"attempt":1,"outcome":"succeeded","crm_id":"x"}\n')
    expect(await read()).toMatchObject([{ row_no: 1 }])
  })

  test.each([
    ['organisation', { ...owner, orgId: '00D2' }],
    ['plan', { ...owner, planId: 'plan_2' }],
    ['run', { ...owner, runId: 'run_2' }],
  ])('of another %s is ignored', async (_, other) => {
    await open().note(1, attempt(succeeded))
    writeFileSync(join(dir, '.backfeed/journal/run_2.jsonl'), readFileSync(path()))
    expect(await read(other)).toEqual([])
  })

  test('that is not there says nothing', async () => {
    expect(await read()).toEqual([])
  })

  test('a folder that is a file makes one warning, and the run goes on', async () => {
    mkdirSync(join(dir, '.backfeed'))
    writeFileSync(join(dir, '.backfeed/journal'), '')
    const journal = open()
    await journal.note(1, attempt(succeeded))
    await journal.note(2, attempt(succeeded))
    expect(warnings).toMatchObject([{ code: 'W-RUN-JOURNAL', message: expect.stringMatching(/\((ENOTDIR|EEXIST)\)/) }])
    await journal.remove()
  })

  test('a disk that is full in the middle of it makes one warning', async () => {
    let left = 1
    const full: Journal = {
      ...systemJournal(),
      open: async () => ({
        append: async () => {
          left -= 1
          if (left < 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        },
        close: async () => {},
      }),
    }
    const journal = open(full)
    await Promise.all([journal.note(1, attempt(succeeded)), journal.note(2, attempt(succeeded))])
    await journal.note(3, attempt(succeeded))
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('(ENOSPC)')])
  })

  test('is removed once the run is settled', async () => {
    const journal = open()
    await journal.note(1, attempt(succeeded))
    await journal.remove()
    expect(existsSync(path())).toBe(false)
  })
})
