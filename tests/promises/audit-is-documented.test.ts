import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readAudit } from '../support/read-audit.ts'
import { smallSync } from './small-sync.ts'

/** `### view` and the first cell of each row of the table below it. */
function documentedViews(): Record<string, string[]> {
  const text = readFileSync(new URL('../../docs/audit-tables.md', import.meta.url), 'utf8')
  const sections = text.split(/^### /m).slice(1)
  return Object.fromEntries(
    sections.map((section) => {
      const [name = '', ...lines] = section.split('\n')
      const cells = lines.filter((line) => line.startsWith('| ')).map((line) => line.split('|')[1]?.trim() ?? '')
      return [name.trim(), cells.slice(1)]
    }),
  )
}

test('every public view is documented column by column, in its order, and reconciliation is empty', async () => {
  const project = await smallSync()
  try {
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    const columns = await readAudit(
      project,
      `select table_name, string_agg(column_name, ',' order by ordinal_position) from information_schema.columns where table_schema = 'backfeed_audit' group by table_name`,
    )
    const views = Object.fromEntries(columns.map(([view, names]) => [view, names?.split(',')]))
    expect(documentedViews()).toEqual(views)
    expect(await readAudit(project, 'select * from backfeed_audit.reconciliation')).toEqual([])
  } finally {
    await project.close()
  }
})
