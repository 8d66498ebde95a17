import { BackfeedError, type Position, type Problem } from '../errors.ts'
import type { Model, Project, SourceFile, Target } from '../project/project.ts'
import { warehouseAdapter } from '../warehouse/registry.ts'
import { bareSelect, outermostStar, selectMistake } from './check-select.ts'
import type { CompiledModel, Rendered, TemplateContext, TemplateEnvironment } from './compile.ts'
import { createTemplateEnvironment } from './environment.ts'
import { type ModelConfig, modelConfig } from './model-config.ts'
import { type GraphModel, orderModels } from './model-graph.ts'
import { readPackageMacros } from './package-files.ts'
import { privateNameProblem, Relations } from './relations.ts'
import { withHelp } from './with-help.ts'

export interface CompileModelsRequest {
  project: Project
  target: Target
  /** Dialect files over default.sql, nearest last. Default: what the adapter of the target's warehouse lists. */
  dialectChain?: readonly string[]
  /** For env_var(); secrets are refused by name whatever is in it. */
  env: Readonly<Record<string, string | undefined>>
  /** ISO 8601, UTC. */
  runStartedAt: string
  invocationId: string
  /** Instead of the package's own macro files. */
  macros?: { packageMacros: readonly SourceFile[]; dialectFiles: readonly SourceFile[] }
}

export interface CompiledProject {
  /** Every model after those it reads. */
  models: CompiledModel[]
  /** For everything else that is rendered for this target; ref() and source() name the same relations. */
  environment: TemplateEnvironment
  /** `"schema"."name"` as templates print it, for models, seeds and sources. */
  relations: Relations
  warnings: Problem[]
}

interface RenderedModel {
  model: Model
  rendered: Rendered
  config: ModelConfig
}

/** Pure but for reading the package's macros. Throws every problem of every model at once: E-TPL-*, E-SQL-NOTSELECT, E-CFG-*. */
export function compileModels(request: CompileModelsRequest): CompiledProject {
  try {
    return compileAll(request)
  } catch (error) {
    throw withHelp(error)
  }
}

function compileAll(request: CompileModelsRequest): CompiledProject {
  const { project, target } = request
  const relations = new Relations(project, target)
  const environment = createEnvironment(request, relations)
  relations.use(environment)
  const problems: Problem[] = []
  let rendered = renderAll(request, { environment, relations }, problems)
  const moved = rendered.filter(({ model, config }) => config.schema && relations.setSchema(model.name, config.schema))
  // Refs to a model that config() puts into another schema are known only now.
  if (moved.length > 0 && problems.length === 0) rendered = renderAll(request, { environment, relations }, problems)
  const graph = graphOf(rendered, project, relations)
  const { order, problems: cycles } = orderModels(graph)
  problems.push(...cycles, ...namesTaken(request, relations), ...rendered.flatMap(selectProblems))
  if (problems.length > 0) throw new BackfeedError(problems)
  const byName = new Map(rendered.map((each) => [each.model.name, each]))
  const models = order.flatMap((name) => {
    const each = byName.get(name)
    return each === undefined ? [] : [compiled(each, { graph, project, relations })]
  })
  return { models, environment, relations, warnings: rendered.flatMap((each) => starWarning(each, project)) }
}

function createEnvironment(request: CompileModelsRequest, relations: Relations): TemplateEnvironment {
  const macros =
    request.macros ?? readPackageMacros(request.dialectChain ?? warehouseAdapter(request.target.type).dialectChain)
  return createTemplateEnvironment({
    ...macros,
    projectMacros: request.project.macroFiles,
    resolve: {
      ref: (name, packageName) => relations.ref(name, packageName),
      source: (source, table) => relations.source(source, table),
    },
    vars: request.project.vars,
    env: request.env,
    runStartedAt: request.runStartedAt,
    invocationId: request.invocationId,
  })
}

interface Rendering {
  environment: TemplateEnvironment
  relations: Relations
}

function renderAll({ project, target }: CompileModelsRequest, o: Rendering, problems: Problem[]): RenderedModel[] {
  return [...project.models.values()].flatMap((model) => {
    try {
      const context: TemplateContext = {
        target: { name: target.name, type: target.type, schema: target.schema, audit_schema: project.audit.schema },
        this: o.relations.text(o.relations.model(model.name)),
      }
      const rendered = o.environment.render({ file: model.file, text: model.text, context })
      const { config, problems: found } = modelConfig(model, rendered)
      problems.push(...found)
      return [{ model, rendered, config }]
    } catch (error) {
      if (!(error instanceof BackfeedError)) throw error
      problems.push(...error.problems)
      return []
    }
  })
}

/** Edges from ref() in the file, with their place, and from refs inside macros, with the place of the file. */
function graphOf(rendered: readonly RenderedModel[], project: Project, relations: Relations): GraphModel[] {
  const names = new Map([...project.models.keys()].map((name) => [relations.text(relations.model(name)), name]))
  return rendered.map(({ model, rendered: { dependsOn, references } }) => {
    const reads = new Map<string, Position>()
    for (const { kind, names: written, at } of references) {
      const name = written.at(-1) ?? ''
      if (kind === 'ref' && project.models.has(name) && !reads.has(name)) reads.set(name, at)
    }
    for (const text of dependsOn) {
      const name = names.get(text)
      if (name !== undefined && !reads.has(name)) reads.set(name, { file: model.file, line: 1, column: 1 })
    }
    return { name: model.name, reads }
  })
}

function compiled(
  { model, rendered, config }: RenderedModel,
  o: { graph: readonly GraphModel[]; project: Project; relations: Relations },
): CompiledModel {
  const sql = bareSelect(rendered.sql)
  const cut = rendered.sql.slice(0, Math.max(rendered.sql.indexOf(sql), 0)).split('\n').length - 1
  const reads = o.graph.find((each) => each.name === model.name)?.reads ?? new Map()
  return {
    name: model.name,
    relation: o.relations.model(model.name),
    materialized: config.materialized,
    sql,
    file: model.file,
    text: model.text,
    dependsOn: [...new Set([...reads.keys(), ...seedsRead(rendered, o.project, o.relations)])].sort(),
    sources: sourcesRead(rendered, o.project, o.relations),
    tags: config.tags,
    sourceLines: rendered.sourceLines.slice(cut),
  }
}

function seedsRead({ dependsOn }: Rendered, project: Project, relations: Relations): string[] {
  return [...project.seeds.keys()].filter((name) => dependsOn.includes(relations.ref(name)))
}

function sourcesRead({ dependsOn }: Rendered, project: Project, relations: Relations): string[] {
  const used = [...project.sources].filter(([, source]) =>
    dependsOn.includes(relations.source(source.sourceName, source.table)),
  )
  return used.map(([key]) => key).sort()
}

function namesTaken({ project, target }: CompileModelsRequest, relations: Relations): Problem[] {
  return [...project.models.values(), ...project.seeds.values()].flatMap(({ name, file }) =>
    privateNameProblem({ ...relations.model(name), file }, project, target),
  )
}

function selectProblems({ model, rendered }: RenderedModel): Problem[] {
  const mistake = selectMistake(rendered.sql)
  if (mistake === undefined) return []
  const help = 'write one SELECT; Backfeed makes the table or view from it'
  return [{ code: 'E-SQL-NOTSELECT', message: mistake.message, at: placeOf(mistake.at, model, rendered), help }]
}

function starWarning({ model, rendered }: RenderedModel, project: Project): Problem[] {
  const read = [...project.syncs.values()].find((sync) => sync.model.kind === 'ref' && sync.model.name === model.name)
  const star = read === undefined ? undefined : outermostStar(rendered.sql)
  if (read === undefined || star === undefined) return []
  const message = `sync "${read.name}" reads this model: with "*" a new source column changes what it reads`
  return [{ code: 'W-SQL-STAR', message, at: placeOf(star, model, rendered), help: 'list the columns' }]
}

/** Place in the file of an offset in the rendered text; the column is known where the line came through unchanged. */
function placeOf(offset: number, model: Model, { sql, sourceLines }: Rendered): Position {
  const before = sql.slice(0, offset)
  const row = before.split('\n').length
  const line = sourceLines[row - 1] ?? 1
  const same = model.text.split(/\r?\n/)[line - 1] === sql.split(/\r?\n/)[row - 1]
  return { file: model.file, line, column: same ? offset - before.lastIndexOf('\n') : 1 }
}
