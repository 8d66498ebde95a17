import type { Problem } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import type { Model } from '../project/project.ts'
import type { Rendered } from './compile.ts'
import { isRelationName } from './relations.ts'

export interface ModelConfig {
  materialized: Model['materialized']
  schema?: string
  tags: readonly string[]
}

const KEYS = ['materialized', 'schema', 'tags']
const LATER = [
  'alias',
  'database',
  'enabled',
  'meta',
  'unique_key',
  'incremental_strategy',
  'on_schema_change',
  'grants',
]
const MATERIALIZED_LATER = ['incremental', 'ephemeral', 'materialized_view', 'snapshot', 'dynamic_table']

/** config() in the file over property files and project.yml. What is not understood is refused, never ignored. */
export function modelConfig(model: Model, rendered: Rendered): { config: ModelConfig; problems: Problem[] } {
  const at = rendered.configAt ?? { file: model.file, line: 1, column: 1 }
  const { materialized, schema, tags } = rendered.config
  const problems = [...Object.keys(rendered.config).flatMap(keyProblem), ...valueProblems(rendered.config)]
  const config: ModelConfig = {
    materialized: materialized === 'table' || materialized === 'view' ? materialized : model.materialized,
    tags: [...new Set([...model.tags, ...(textList(tags) ?? [])])],
  }
  const ownSchema = typeof schema === 'string' ? schema : model.schema
  if (ownSchema !== undefined) config.schema = ownSchema
  return { config, problems: problems.map((problem) => ({ ...problem, at })) }
}

function keyProblem(key: string): Problem[] {
  if (KEYS.includes(key)) return []
  if (LATER.includes(key)) return [{ code: 'E-CFG-NOTYET', message: `\`${key}\` in config() is not supported yet` }]
  const hint = suggestName(key, KEYS)
  return [
    { code: 'E-CFG-UNKNOWN', message: `unknown key "${key}" in config()`, ...(hint === undefined ? {} : { hint }) },
  ]
}

function valueProblems({ materialized, schema, tags }: Rendered['config']): Problem[] {
  const problems: Problem[] = []
  if (materialized !== undefined && materialized !== 'table' && materialized !== 'view') {
    const later = MATERIALIZED_LATER.includes(String(materialized))
    const message = later ? `\`materialized: ${materialized}\` is not supported yet` : 'unknown materialization'
    problems.push({ code: later ? 'E-CFG-NOTYET' : 'E-CFG-VALUE', message, hint: 'expected one of: table, view' })
  }
  if (schema !== undefined && !(typeof schema === 'string' && isRelationName(schema))) {
    problems.push({
      code: 'E-CFG-NAME',
      message: 'the schema in config() cannot be used as a name',
      hint: 'only a–z, 0–9 and _',
    })
  }
  if (tags !== undefined && textList(tags) === undefined) {
    problems.push({ code: 'E-CFG-TYPE', message: 'tags in config() must be a text or a list of texts' })
  }
  return problems
}

function textList(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
}
