import { BackfeedError, type Problem } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import type { Project, Source, Target } from '../project/project.ts'
import type { TableRef } from '../warehouse/warehouse.ts'
import type { TemplateEnvironment } from './compile.ts'

/** Prefixes of the private tables; what a user builds in the same schema must not be taken for one. */
const PRIVATE_PREFIXES = ['sync', 'state', 'candidates', 'staging', 'violations', 'quarantine', 'changes']
/** Work tables that are too ordinary as prefixes: refused only for the name of a sync. */
const WORK_TABLES = ['source', 'duplicates', 'reads', 'snapshot', 'decisions', 'folded', 'preview']

/** Which relation each name of a project is. Schemas of models may change once their config() was seen. */
export class Relations {
  private readonly project: Project
  private readonly target: Target
  private readonly schemas = new Map<string, string>()
  private readonly texts = new Map<string, string>()
  private environment: TemplateEnvironment | undefined

  constructor(project: Project, target: Target) {
    this.project = project
    this.target = target
  }

  /** Before this, ref() only checks that the name exists. */
  use(environment: TemplateEnvironment): void {
    this.environment = environment
  }

  /** True when the schema is new, so that what was rendered before names the wrong relation. */
  setSchema(model: string, schema: string): boolean {
    const before = this.model(model).schema
    this.schemas.set(model, schema)
    return before !== schema
  }

  /** A model or a seed. */
  model(name: string): TableRef {
    const schema = this.schemas.get(name) ?? this.project.models.get(name)?.schema ?? this.target.schema
    return { schema, name }
  }

  ref(name: string, packageName?: string): string {
    if (packageName !== undefined && packageName !== this.project.name) {
      const hint = suggestName(packageName, [this.project.name])
      throw new BackfeedError(refProblem(`package "${packageName}" not found`, hint))
    }
    if (this.project.models.has(name) || this.project.seeds.has(name)) return this.text(this.model(name))
    const known = [...this.project.models.keys(), ...this.project.seeds.keys()]
    throw new BackfeedError(refProblem(`model "${name}" not found`, suggestName(name, known)))
  }

  source(sourceName: string, table: string): string {
    const source = this.project.sources.get(`${sourceName}.${table}`)
    if (source !== undefined) return this.text(sourceRelation(source), source.database)
    const known = [...this.project.sources.keys()]
    throw new BackfeedError(
      refProblem(`source "${sourceName}.${table}" not found`, suggestName(`${sourceName}.${table}`, known)),
    )
  }

  text({ schema, name }: TableRef, database?: string): string {
    return [database, schema, name].flatMap((part) => (part === undefined ? [] : [this.quote(part)])).join('.')
  }

  private quote(name: string): string {
    const known = this.texts.get(name)
    if (known !== undefined || !this.environment?.has('sql.identifier')) return known ?? name
    // Every call resolves the refs inside macros, which ask for this very name again.
    this.texts.set(name, name)
    const quoted = this.environment.call('sql.identifier', [name])
    this.texts.set(name, quoted)
    return quoted
  }
}

export function sourceRelation(source: Source): TableRef {
  return { schema: source.schema ?? source.sourceName, name: source.identifier }
}

/** A schema or table name that needs no quotes on any warehouse. */
export function isRelationName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_$]{0,126}$/.test(name)
}

/** E-CFG-NAME when a model or seed would be, or look like, one of Backfeed's own tables. */
export function privateNameProblem(named: TableRef & { file: string }, project: Project, target: Target): Problem[] {
  if (named.schema.toLowerCase() !== target.schema.toLowerCase()) return []
  const name = named.name.toLowerCase()
  const prefix = PRIVATE_PREFIXES.find((each) => name.startsWith(`${each}_`))
  const work = WORK_TABLES.find((each) => name.startsWith(`${each}_`) && project.syncs.has(name.slice(each.length + 1)))
  if (prefix === undefined && work === undefined) return []
  return [
    {
      code: 'E-CFG-NAME',
      message: `"${named.name}" would lie among Backfeed's own tables, which are called ${prefix ?? work}_…`,
      at: { file: named.file, line: 1, column: 1 },
      help: 'rename the file, or give it a schema of its own',
    },
  ]
}

function refProblem(message: string, hint: string | undefined): Problem {
  return { code: 'E-TPL-REF', message, ...(hint === undefined ? {} : { hint }) }
}
