/** Loads the CSV files of seeds/ into tables; each is replaced as a whole. */
import type { TemplateEnvironment } from '../compile/compile.ts'
import { BackfeedError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { Project, Seed, Target } from '../project/project.ts'
import type { AtomicStep, StatementOptions, TextRow, Warehouse } from '../warehouse/warehouse.ts'
import { WarehouseError } from '../warehouse/warehouse-error.ts'
import type { ModelResult } from './build-models.ts'
import { readSeed } from './read-seed.ts'
import { replaceRelation } from './replace-relation.ts'
import { seedColumns } from './seed-columns.ts'
import type { SyncEvent } from './session.ts'

export interface LoadSeedsRequest {
  warehouse: Warehouse
  environment: TemplateEnvironment
  project: Pick<Project, 'dir'>
  target: Pick<Target, 'schema'>
  seeds: readonly Seed[]
  options: (step: string) => StatementOptions
  onEvent: (event: SyncEvent) => void
  clock: Pick<Clock, 'monotonicMs'>
}

/** Rows of one insert; keeps the text of a large file from being copied as a whole. */
const ROWS_PER_STEP = 10_000

/** Never throws for a seed: E-SEED-CSV, E-CFG-NAME, E-CFG-ENCODING and what the warehouse says are results. */
export async function loadSeeds(request: LoadSeedsRequest): Promise<ModelResult[]> {
  const results: ModelResult[] = []
  for (const [index, seed] of request.seeds.entries()) {
    const place = { resource: 'seed' as const, name: seed.name, index: index + 1, of: request.seeds.length }
    request.onEvent({ kind: 'start', ...place })
    const result = await loadSeed(request, seed)
    results.push(result)
    request.onEvent({
      kind: 'end',
      ...place,
      status: result.status,
      message: result.message,
      seconds: result.seconds,
    })
  }
  return results
}

async function loadSeed(request: LoadSeedsRequest, seed: Seed): Promise<ModelResult> {
  const startedMs = request.clock.monotonicMs()
  const seconds = (): number => (request.clock.monotonicMs() - startedMs) / 1000
  try {
    const count = await replaceSeed(request, seed)
    return { name: seed.name, status: 'ok', message: `${count} rows`, seconds: seconds() }
  } catch (error) {
    if (!(error instanceof BackfeedError)) throw error
    const told = inFile(error, seed)
    return { name: seed.name, status: 'error', message: told.message, seconds: seconds(), error: told }
  }
}

async function replaceSeed(request: LoadSeedsRequest, seed: Seed): Promise<number> {
  const { environment, target } = request
  const { header, rows } = await readSeed(request.project.dir, seed.file)
  const columns = seedColumns({ header, rows, seed, environment })
  const table = { schema: target.schema, name: seed.name }
  const names = columns.map((column) => column.name)
  const typed = columns.map(({ name, type }) => ({ name: environment.call('sql.identifier', [name]), type }))
  const values = rows.map((row): TextRow => row.map((cell, i) => columns[i]?.written(cell) ?? null))
  await replaceRelation({
    ...request,
    relation: table,
    kind: 'table',
    steps: (relation): AtomicStep[] => [
      environment.call('sql.drop_relation', [relation, 'table']),
      environment.call('sql.create_typed_table', [relation, typed]),
      ...chunks(values).map((part) => ({ table, columns: names, rows: part })),
    ],
  })
  return rows.length
}

function chunks(rows: readonly TextRow[]): TextRow[][] {
  const count = Math.ceil(rows.length / ROWS_PER_STEP)
  return Array.from({ length: count }, (_, i) => rows.slice(i * ROWS_PER_STEP, (i + 1) * ROWS_PER_STEP))
}

function inFile(error: BackfeedError, seed: Seed): BackfeedError {
  if (!(error instanceof WarehouseError) || ['transient', 'locked', 'unknown'].includes(error.kind)) return error
  const help = 'compare the data_type of each column in the property file with the values of the file'
  const problems = error.problems.map((problem) => ({
    ...problem,
    at: { file: seed.file, line: 1, column: 1 },
    ...(error.kind === 'data' ? { help } : {}),
  }))
  return new BackfeedError(problems, { exitCode: error.exitCode, cause: error })
}
