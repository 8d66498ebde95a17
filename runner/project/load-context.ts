import type { Places } from './places.ts'
import type { ProblemList } from './problem-list.ts'
import type { ProjectFiles } from './project-files.ts'
import type { Env } from './render-env.ts'

/** What every step of loading shares. */
export interface LoadContext {
  files: ProjectFiles
  places: Places
  problems: ProblemList
  env: Env
}

/** `{ a: undefined }` becomes `{}`: optional members of the project are absent, not undefined. */
export function present<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
