import { describe, expect, test } from 'vitest'
import { planMarkdown } from '../../../runner/output/plan-markdown.ts'
import type { PlanReport } from '../../../runner/output/plan-report.ts'
import { planText } from '../../../runner/output/plan-text.ts'
import { planResultLine, RESULT_LINE_BYTES, runResultLine } from '../../../runner/output/result-line.ts'
import { type RunReport, runDetail, worstExit } from '../../../runner/output/run-report.ts'
import { runText, tally } from '../../../runner/output/run-text.ts'
import { renderTable, width } from '../../../runner/output/table.ts'

const plan: PlanReport = {
  sync: 'salesforce_accounts',
  destination: 'salesforce',
  object: 'Account',
  match: 'Customer_Id__c',
  target: 'dev',
  org: 'Emulator (00D000000000001EAA)',
  counts: {
    source: 500,
    candidates: 129,
    unchanged: 371,
    create: 76,
    update: 41,
    send: 117,
    noop: 0,
    held: 2,
    skipped: 0,
    quarantined: 12,
    clears: 1,
    drift: 0,
    removed: 0,
  },
  quarantineByReason: { duplicate_key: 4, invalid_email: 7, score_range: 1 },
  heldByReason: { first_sync: 2 },
  skippedByReason: {},
  samples: [
    {
      key: 'C-0413',
      op: 'create',
      decision: 'send',
      fields: [{ field: 'LTV__c', before: null, after: '1204.50', action: 'set' }],
    },
    {
      key: 'C-0042',
      op: 'update',
      decision: 'send',
      fields: [
        { field: 'LTV__c', before: '880.00', after: '912.25', action: 'set' },
        { field: 'Risk_Score__c', before: '0.4', after: null, action: 'clear' },
        { field: 'Plan__c', before: null, after: '', action: 'set' },
        { field: 'Tier__c', before: 'gold', after: null, action: 'kept' },
        { field: 'Risk__c', before: '1', after: '1', action: 'adopt' },
      ],
    },
    {
      key: 'C-0077',
      op: 'update',
      decision: 'send',
      fields: [{ field: 'Stage__c', before: 'call', after: 'mail', action: 'drift' }],
    },
    {
      key: 'C\u001b[2J',
      op: 'update',
      decision: 'held',
      fields: [{ field: 'LTV__c', before: '1', after: '2', action: 'held' }],
    },
  ],
  predicted: {
    writeCalls: 2,
    readCalls: 3,
    requests: [
      {
        method: 'PATCH',
        path: '/services/data/v62.0/composite/sobjects/Account/Customer_Id__c',
        rows: 76,
        sha256: 'a'.repeat(64),
      },
      {
        method: 'PATCH',
        path: '/services/data/v62.0/composite/sobjects/Account/Customer_Id__c',
        rows: 41,
        sha256: 'b'.repeat(64),
      },
    ],
  },
  guards: [
    {
      name: 'creates',
      limit: 50,
      rule: '5%',
      actual: 76,
      verdict: 'blocked',
      allow: '--allow creates=76 --reason "…"',
    },
    { name: 'updates', limit: 100, rule: '20%', actual: 41, verdict: 'ok' },
  ],
  warnings: ['LTV__c is set by a flow as well'],
}

const run: RunReport = {
  sync: 'salesforce_accounts',
  run_id: '7f3c',
  status: 'succeeded',
  planned: 10,
  succeeded: 8,
  rejected: 1,
  retryable: 0,
  unknown: 0,
  held: 1,
  quarantined: 0,
  created: 3,
  updated: 5,
  write_calls: 1,
  read_calls: 2,
  seconds: 4.9,
  exit: 0,
}

describe('a plan in text', () => {
  test('reads like a diff', () => {
    expect(planText(plan)).toBe(
      `Plan salesforce_accounts → salesforce Account by Customer_Id__c  target dev · Emulator (00D000000000001EAA)
  source 500 │ unchanged 371 │ create 76 │ update 41 │ held 2 │ quarantined 12 │ fields cleared 1
  + C-0413      LTV__c 1204.50
  ~ C-0042      LTV__c 880.00 → 912.25 · Risk_Score__c 0.4 → (cleared) · Plan__c (blank) → "" · Tier__c gold stays  (Risk__c unchanged)
  = C-0077      Stage__c call edited in the CRM, stays
  ! C\\u001b[2J  LTV__c 1 kept for now, the warehouse has 2
  ! quarantined 12: invalid_email 7, duplicate_key 4, score_range 1
  ! held 2: first_sync 2
  Calls: 2 to write (2 × PATCH /services/data/v62.0/composite/sobjects/Account/Customer_Id__c), 3 to read
  Guards refuse this plan; nothing is sent
    creates: 76, limit 50 (5%); if this is meant: --allow creates=76 --reason "…"
  warning: LTV__c is set by a flow as well`,
    )
  })

  test('says that guards are ok, and which were raised', () => {
    const ok = planText({
      ...plan,
      guards: [{ name: 'creates', limit: 50, rule: '5%', actual: 76, verdict: 'allowed' }],
    })
    expect(ok).toContain('Guards ok (raised for this time: creates)')
  })
})

const VALUES = ['1204.50', '880.00', '912.25', 'C-0413', 'C-0042', 'C-0077', '0.4']

describe('a plan without values', () => {
  test('in markdown names counts and fields only', () => {
    const text = planMarkdown([plan], { showValues: false })
    for (const value of VALUES) expect(text).not.toContain(value)
    expect(text).toContain('<!-- backfeed-plan -->')
    expect(text).toMatch(
      /\| salesforce\\_accounts \| salesforce Account \| 76 \| 41 \| 1 \| 12 \| 2 \| 2 \| ❌ refused \|/,
    )
    expect(text).toContain('Fields: `LTV__c`, `Plan__c`, `Risk_Score__c`')
  })

  test('in JSON lists every request and no sample', () => {
    const head = { verb: 'plan', invocation_id: 'i', status: 'success', exit: 0 }
    const line = JSON.stringify(planResultLine(head, [plan], false))
    for (const value of VALUES) expect(line).not.toContain(value)
    expect(JSON.parse(line)).toMatchObject({ syncs: [{ predicted: { requests: [{ sha256: 'a'.repeat(64) }, {}] } }] })
    expect(JSON.stringify(planResultLine(head, [plan], true))).toContain('912.25')
  })

  test('in markdown shows values on request, which cannot become markup', () => {
    const nasty: PlanReport = {
      ...plan,
      samples: [
        {
          key: '@team | x',
          op: 'update',
          decision: 'send',
          fields: [{ field: 'F', before: null, after: '[a](http://b)<img>', action: 'set' }],
        },
      ],
    }
    const text = planMarkdown([nasty], { showValues: true })
    expect(text).toContain('| @\u200bteam \\| x | update | F (blank) → \\[a\\](http:\u200b//b)\\<img\\> |')
  })
})

describe('the result line of a run', () => {
  const head = { verb: 'run', invocation_id: 'i', status: 'partial', exit: 1 }

  test('is at most 4 KB however many syncs, failed ones first, totals complete', () => {
    const many = Array.from({ length: 200 }, (_, i) => ({
      ...run,
      sync: `sync_${i}`,
      exit: i === 150 ? (1 as const) : (0 as const),
    }))
    const line = runResultLine(head, many)
    const text = JSON.stringify(line)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(RESULT_LINE_BYTES)
    const parsed = JSON.parse(text)
    expect(parsed).toMatchObject({ syncs_total: 200, planned: 2000, succeeded: 1600, write_calls: 200 })
    expect(parsed.syncs[0].sync).toBe('sync_150')
    expect(parsed.omitted).toBe(200 - parsed.syncs.length)
    expect(parsed.syncs.length).toBeGreaterThan(5)
  })

  test('lists all syncs when they fit', () => {
    expect(runResultLine(head, [run])).toMatchObject({ syncs: [run], syncs_total: 1 })
    expect(runResultLine(head, [run])).not.toHaveProperty('omitted')
  })
})

describe('a run', () => {
  test('ends like dbt', () => {
    const text = runText([
      run,
      { ...run, sync: 'hubspot_contacts', exit: 3, status: 'refused', message: 'max_creates' },
    ])
    expect(text).toContain('hubspot_contacts: max_creates')
    expect(text.endsWith('Done. PASS=0 WARN=1 ERROR=1 SKIP=0 TOTAL=2')).toBe(true)
    expect(tally([{ ...run, rejected: 0, held: 0 }])).toEqual({ pass: 1, warn: 0, error: 0, skip: 0 })
  })

  test('says what happened in one clause', () => {
    expect(runDetail(run)).toBe('3 created, 5 updated, 1 rejected, 1 held')
    expect(runDetail({ ...run, created: 0, updated: 0, rejected: 0, held: 0 })).toBe('nothing to do')
  })

  test.each([
    [[0, 0], 0],
    [[0, 1, 3], 3],
    [[3, 2], 2],
    [[5, 1], 5],
    [[1, 6], 1],
    [[75, 6], 6],
    [[0, 99], 99],
    [[130, 2], 130],
    [[], 0],
  ] as const)('exit codes %j come to %i', (exits, worst) => {
    expect(worstExit(exits)).toBe(worst)
  })
})

describe('tables', () => {
  test('align by what a terminal shows', () => {
    expect(width('東京')).toBe(4)
    expect(width('e\u0301')).toBe(1)
    const text = renderTable(
      [{ title: 'key' }, { title: 'n', align: 'right' }],
      [
        ['東京', 5],
        ['a\tb', 12],
        [null, null],
      ],
    )
    expect(text.split('\n')).toEqual(['key    n', '東京   5', 'a\\tb  12', ''])
  })

  test('cut long cells', () => {
    expect(renderTable([{ title: 'a' }], [['x'.repeat(100)]], { maxCell: 10 })).toBe(`a\n${'x'.repeat(9)}…`)
  })
})
