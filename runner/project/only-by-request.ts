import type { Sync } from './project.ts'

/** The key of a setting that travels as a header of requests and that no job of the bulk API can carry; undefined without one. */
export function onlyByRequest({ writeOptions }: Pick<Sync, 'writeOptions'>): string | undefined {
  if (writeOptions?.duplicateRule !== undefined) return 'duplicate_rule'
  const { assignmentRule = 'none' } = writeOptions ?? {}
  return assignmentRule === 'none' ? undefined : 'assignment_rule'
}
