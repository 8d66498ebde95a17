/** `show`: some rows of a model as its SQL is now, or of a seed as it was loaded. */
import type { CompiledProject } from '../compile/compile-models.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import { renderTable } from '../output/table.ts'
import type { Project } from '../project/project.ts'
import { modelStatements } from '../sync/build-models.ts'
import type { Column, StatementOptions, TableRef, TextRow, Warehouse } from '../warehouse/warehouse.ts'
import { activeTarget } from './active-target.ts'
import { withWarehouse } from './audit-session.ts'
import type { CommandContext } from './command.ts'
import { compileProject } from './compile-project.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'
import { selected } from './selected.ts'

const ROWS = 5
const MOST_ROWS = 10_000

interface Preview {
  columns: readonly Column[]
  rows: readonly TextRow[]
}

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const project = await openProject(context)
  const compiled = await compileProject(context, project)
  const name = onlyOne(project, context, compiled)
  const limit = Math.min(context.args.number('limit') ?? ROWS, MOST_ROWS)
  const preview = await withWarehouse(context, project, (warehouse, options) =>
    previewRows({ project, compiled, name, limit, warehouse, options, id: context.invocationId.slice(0, 8) }),
  )
  const columns = preview.columns.map((column) => column.name)
  return finish(context, {
    exit: ExitCode.ok,
    facts: { node: name, columns, rows: preview.rows },
    text: () =>
      renderTable(
        columns.map((title) => ({ title })),
        preview.rows,
        { style: context.console.style },
      ),
  })
}

function onlyOne(project: Project, context: CommandContext, { models }: CompiledProject): string {
  const chosen = selected(project, context, models)
  const names = [...chosen.models, ...chosen.seeds]
  const [name] = names
  if (name !== undefined && names.length === 1) return name
  throw new BackfeedError({
    code: 'E-CLI-SELECT',
    message: `show takes one model or seed, the selection holds ${names.length}`,
    help: 'backfeed show -s crm_accounts --limit 5',
  })
}

interface PreviewRequest {
  project: Project
  compiled: CompiledProject
  name: string
  limit: number
  warehouse: Warehouse
  options: (step: string) => StatementOptions
  /** Keeps two previews at the same time apart. */
  id: string
}

/** A model is previewed through a view that lives as long as the question: what was built may be older than the file. */
async function previewRows(request: PreviewRequest): Promise<Preview> {
  const { project, compiled, name, warehouse, options, id } = request
  const { schema } = activeTarget(project)
  const model = compiled.models.find((candidate) => candidate.name === name)
  if (model === undefined) return readRelation(request, { schema, name })
  const view = { schema, name: `preview_${id}` }
  const relation = `${schema}.${view.name}`
  await warehouse.exec(`create schema if not exists ${schema}`, options('preview schema'))
  try {
    for (const sql of modelStatements(compiled.environment, { ...model, materialized: 'view' }, relation))
      await warehouse.exec(sql, options('preview'))
  } catch (error) {
    throw withHelp(error, name)
  }
  try {
    return await readRelation(request, view)
  } finally {
    await warehouse.exec(`drop view if exists ${relation}`, options('preview end'))
  }
}

/** Mostly what the model reads is not there yet. */
function withHelp(error: unknown, name: string): unknown {
  if (!(error instanceof BackfeedError) || error.problems.some((problem) => problem.help !== undefined)) return error
  const help = `build what it reads first: backfeed build -s +${name}`
  const problems = error.problems.map((problem) => ({ ...problem, help }))
  return new BackfeedError(problems, { exitCode: error.exitCode, cause: error })
}

async function readRelation(request: PreviewRequest, relation: TableRef): Promise<Preview> {
  const { compiled, warehouse, options, limit, name } = request
  const columns = await warehouse.columns(relation)
  if (columns === undefined)
    throw new BackfeedError({
      code: 'E-SQL-MISSING',
      message: `${name} is not in the warehouse`,
      help: `load it first: backfeed seed -s ${name}`,
    })
  const list = columns.map((column) => compiled.environment.call('sql.identifier', [column.name])).join(', ')
  const sql = `select ${list} from ${relation.schema}.${relation.name} limit ${limit}`
  return { columns, rows: await warehouse.rows(sql, { ...options('show'), max: limit }) }
}
