import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SECRETS } from '../support/live-project.ts'
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
