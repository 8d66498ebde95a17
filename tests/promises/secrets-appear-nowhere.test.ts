import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SECRETS } from '../support/live-project.ts'
import { readAudit } from '../support/read-audit.ts'
import { CUSTOMERS, smallSync } from './small-sync.ts'

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesUnder(path) : [path]
  })
}

/** A value of a row that has to fail, so that everything that talks about failures has a chance to quote it. */
const PRIVATE = 'zz-private-value-zz'

test('secrets appear in no output, log, artifact or table, and values of failing rows in no message', async () => {
  const rows = [...CUSTOMERS, { ...CUSTOMERS[0], customer_id: 'C-9', segment: PRIVATE.repeat(3) }]
  const project = await smallSync(rows, { more: ['guards: {max_quarantined: 100%}'] })
  try {
    const outputs: string[] = []
    for (const argv of [
      ['debug'],
      ['plan', '--output', 'json'],
      ['run', '--output', 'json'],
      ['status'],
      ['quarantine', 'ls'],
      ['run', '--log-level', 'debug'],
    ]) {
      const { stdout, stderr } = await project.cli(...argv)
      outputs.push(stdout, stderr)
    }
    await project.control.addFault({ match: { crm: 'salesforce' }, action: { status: 401 } })
    const refused = await project.cli('run')
    outputs.push(refused.stdout, refused.stderr)
    const files = filesUnder(project.dir).filter((file) => !file.includes('/models/'))
    const texts = [...outputs, ...files.map((file) => readFileSync(file, 'latin1'))]
    for (const secret of Object.values(SECRETS)) for (const text of texts) expect(text.includes(secret)).toBe(false)
    for (const text of outputs) expect(text.includes(PRIVATE)).toBe(false)
  } finally {
    await project.close()
  }
})

/** Has to be escaped in JSON, in URLs and in SQL, so that every spelling differs from the plain one. */
const MASKED = 'zz "hidden" välue/zz?'
const HASHED = "hashed-o'name & sons"
const AUDIT_KEY = 'audit-key-sEcReT/+='

function spellings(value: string): string[] {
  return [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    Buffer.from(value).toString('base64').replace(/=+$/, ''),
    Buffer.from(value, 'utf8').toString('latin1'),
    value.replaceAll("'", "''"),
  ]
}

test('masked and hashed values of failing runs are in no log, output, file, audit table or view, in any spelling', async () => {
  const rows = [
    { ...CUSTOMERS[0], segment: MASKED, company_name: HASHED },
    { ...CUSTOMERS[1], segment: `${MASKED}2`, company_name: HASHED },
    { ...CUSTOMERS[2], segment: MASKED.repeat(3), company_name: HASHED },
  ]
  const more = [
    'audit: {sensitive: {segment: mask, company_name: hash}}',
    'guards: {max_creates: 100%, max_quarantined: 100%, max_rejected: 0}',
  ]
  const project = await smallSync(rows, { more })
  const outputs: string[] = []
  const cli = async (...argv: string[]): Promise<void> => {
    const { stdout, stderr } = await project.cli(...argv)
    outputs.push(stdout, stderr)
  }
  try {
    const quoting = {
      success: false,
      errors: [
        {
          statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
          message: `Segment "${MASKED}" of ${HASHED} is not allowed: ${JSON.stringify(MASKED)}`,
          fields: ['Segment__c'],
        },
      ],
    }
    const write = { crm: 'salesforce' as const, method: 'PATCH' }
    await cli('plan', '--out', 'plan.md')
    await cli('plan', '--out', 'plan.json')
    await cli('plan', '--output', 'markdown')
    await project.control.addFault({ match: write, action: { status: 200, body: [quoting, quoting] } })
    await cli('run', '--log-level', 'debug', '--output', 'json')
    await project.control.clearFaults()
    await project.control.addFault({
      match: write,
      action: { status: 400, body: [{ errorCode: 'JSON_PARSER_ERROR', message: `cannot read ${MASKED}` }] },
    })
    await cli('run', '--log-level', 'debug')
    await project.control.clearFaults()
    await project.control.addFault({ match: write, action: { drop_after_apply: true } })
    await cli('run', '--debug')
    await project.control.clearFaults()
    for (const verb of [
      ['status'],
      ['history', 'runs'],
      ['history', 'row', 'accounts', 'C-1'],
      ['history', 'config'],
      ['quarantine', 'ls', '--output', 'json'],
      ['audit', 'check'],
      ['audit', 'verify'],
      ['parse'],
    ])
      await cli(...verb)
    const tables = await readAudit(
      project,
      "select table_schema || '.' || table_name from information_schema.tables where table_schema = 'backfeed_audit' or table_schema = 'backfeed' and table_name like 'sync\\_%' escape '\\'",
    )
    expect(tables.length).toBeGreaterThan(25)
    const contents = await Promise.all(
      tables.map(
        async ([table]) => [table ?? '', JSON.stringify(await readAudit(project, `select * from ${table}`))] as const,
      ),
    )
    expect(contents.find(([table]) => table === 'backfeed.sync_result')?.[1]).toContain(
      'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    )
    expect(contents.find(([table]) => table === 'backfeed.sync_plan_field')?.[1]).toContain('z***')
    // The values of this test stand in the SQL of its model, which the manifest and target/compiled repeat.
    const files = filesUnder(project.dir).filter(
      (file) => !/\/manifest\.json$|\/models\/|\.duckdb|\/compiled\//.test(file),
    )
    expect(files.some((file) => file.endsWith('run_results.json'))).toBe(true)
    expect(files.some((file) => file.endsWith('plan.json'))).toBe(true)
    const texts = [
      ...outputs.map((text, i) => [`output ${i}`, text] as const),
      ...files.flatMap(
        (file) =>
          [
            [file, readFileSync(file, 'utf8')],
            [file, readFileSync(file, 'latin1')],
          ] as const,
      ),
      ...contents,
    ]
    const leaks = [MASKED, HASHED].flatMap((value) =>
      spellings(value).flatMap((spelling) =>
        texts.filter(([, text]) => text.includes(spelling)).map(([where]) => `${spelling} in ${where}`),
      ),
    )
    expect(leaks).toEqual([])
  } finally {
    await project.close()
  }
})

test('BACKFEED_AUDIT_KEY makes the chain and is nowhere in it', async () => {
  const project = await smallSync()
  try {
    const runs = [
      await project.cliWith({ BACKFEED_AUDIT_KEY: AUDIT_KEY }, 'run', '--debug'),
      await project.cliWith({ BACKFEED_AUDIT_KEY: AUDIT_KEY }, 'audit', 'verify'),
    ]
    expect(runs.map(({ exit }) => exit)).toEqual([0, 0])
    expect((await project.cli('audit', 'verify')).exit).toBe(1)
    const files = filesUnder(project.dir).map((file) => readFileSync(file, 'latin1'))
    for (const text of [...runs.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...files])
      for (const spelling of spellings(AUDIT_KEY)) expect(text.includes(spelling)).toBe(false)
  } finally {
    await project.close()
  }
})
