/** Parses data with a schema and reports every issue at its place. */
import type { z } from 'zod'
import type { Problem } from '../errors.ts'
import { explainIssues } from './explain-issues.ts'
import { type Places, valueAt } from './places.ts'
import type { ProblemList } from './problem-list.ts'
import { hasTemplate } from './render-env.ts'

export interface ShapeContext {
  places: Places
  problems: ProblemList
  /** What the data is, for messages. */
  what: string
  /** Drops problems a caller expects, for example missing keys in defaults. */
  ignore?: (problem: Problem) => boolean
  /** The entry is not in use, so its env_var() texts stay as they are and prove nothing. */
  templatesPass?: boolean
  /** How keys are written in the file, when the schema has them without: `+` in cascades. */
  keyPrefix?: string
}

/** The parsed data, or undefined after reporting. Places are known for `data`, not for what is returned. */
export function checkShape<S extends z.ZodType>(
  schema: S,
  data: unknown,
  context: ShapeContext,
): z.output<S> | undefined {
  const result = schema.safeParse(data)
  if (result.success) return result.data
  const issues = result.error.issues.filter((issue) => !(context.templatesPass === true && isTemplate(issue, data)))
  const { places, what, keyPrefix } = context
  const found = explainIssues(issues, {
    schema,
    root: data,
    places,
    what,
    ...(keyPrefix !== undefined && { keyPrefix }),
  })
  for (const problem of found) if (context.ignore?.(problem) !== true) context.problems.add(problem)
  return undefined
}

function isTemplate(issue: z.core.$ZodIssue, data: unknown): boolean {
  const value = valueAt(
    data,
    issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
  )
  return typeof value === 'string' && hasTemplate(value)
}
