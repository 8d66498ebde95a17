/** Opens the warehouse for a question to the audit views; nothing is built, nobody is contacted. */
import type { Answer, AuditContext } from '../audit/queries.ts'
import { ExitCode } from '../errors.ts'
import { renderTable } from '../output/table.ts'
import type { Project, Target } from '../project/project.ts'
import type { StatementOptions, Warehouse } from '../warehouse/warehouse.ts'
import { activeTarget } from './active-target.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'

const QUERY_TIMEOUT_MS = 300_000

export interface AuditSession {
  project: Project
  target: Target
  audit: AuditContext
}

export async function withWarehouse<T>(
  context: CommandContext,
  project: Project,
  work: (warehouse: Warehouse, options: (step: string) => StatementOptions) => Promise<T>,
): Promise<T> {
  const { openWarehouse } = await import('../warehouse/registry.ts')
  const warehouse = await openWarehouse(activeTarget(project), { projectDir: project.dir })
  try {
    return await work(warehouse, statementOptions(context))
  } finally {
    await warehouse.close()
  }
}

export function statementOptions(context: CommandContext): (step: string) => StatementOptions {
  let count = 0
  return (step) => {
    count += 1
    return {
      id: `${context.invocationId}-${count}`,
      tag: { run: context.invocationId, sync: '', step },
      signal: context.signal,
      timeoutMs: QUERY_TIMEOUT_MS,
    }
  }
}

export interface AuditAnswer extends Answer {
  /** Shown when there is no row. */
  empty: string
}

/** Asks, prints a table, or says that nothing has been recorded yet. */
export async function answerFromAudit(
  context: CommandContext,
  ask: (session: AuditSession) => Promise<AuditAnswer>,
): Promise<ExitCode> {
  const project = await openProject(context)
  const target = activeTarget(project)
  const answer = await withWarehouse(context, project, async (warehouse, options) => {
    const auditSchema = project.audit.schema
    const known = await warehouse.columns({ schema: auditSchema, name: 'runs' })
    if (known === undefined) return undefined
    return ask({ project, target, audit: { warehouse, auditSchema, options } })
  })
  if (answer === undefined) return nothingYet(context, target)
  const { columns, rows, empty } = answer
  return finish(context, {
    exit: ExitCode.ok,
    facts: { columns, rows },
    text: () => (rows.length === 0 ? empty : renderAnswer(context, answer)),
  })
}

function nothingYet(context: CommandContext, target: Target): ExitCode {
  const text = `Nothing recorded yet for target ${target.name}: run \`backfeed plan\` or \`backfeed run\` first`
  return finish(context, { exit: ExitCode.ok, facts: { columns: [], rows: [] }, text: () => text })
}

/** Columns that are empty in every row are left out: most questions fill only some. */
function renderAnswer({ console }: CommandContext, { columns, rows }: Answer): string {
  const filled = columns.map((_, i) => rows.some((row) => (row[i] ?? null) !== null))
  const kept = columns.map((title, i) => ({ title, i })).filter(({ i }) => filled[i])
  const shown = rows.map((row) => kept.map(({ title, i }) => shortTime(title, row[i] ?? null)))
  return renderTable(
    kept.map(({ title }) => ({ title })),
    shown,
    { style: console.style },
  )
}

function shortTime(title: string, cell: string | null): string | null {
  const time =
    title === 'at' || title.endsWith('_at') ? /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/.exec(cell ?? '') : null
  return time === null ? cell : `${time[1]} ${time[2]}`
}
