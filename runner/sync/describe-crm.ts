/** Everything a mapping relies on in the CRM, asked for once per run: the object, what may be done with it, what it points to. */
import { createHash } from 'node:crypto'
import type { Destination, FieldDescription, ObjectPermissions } from '../destination/destination.ts'
import { BackfeedError } from '../errors.ts'
import type { Sync } from '../project/project.ts'
import { describeAssociation } from './associations/describe-association.ts'
import type { RelatedObjects } from './value-description.ts'

export interface CrmSchema {
  description: readonly FieldDescription[]
  /** Absent where the CRM says nothing about objects as a whole. */
  permissions?: ObjectPermissions
  related: RelatedObjects
}

export async function describeCrm(destination: Destination, sync: Sync, signal: AbortSignal): Promise<CrmSchema> {
  return describe(destination, sync, { signal })
}

/** What was learnt of the sync's object earlier in this run does not count. */
export async function describeCrmAgain(destination: Destination, sync: Sync, signal: AbortSignal): Promise<CrmSchema> {
  return describe(destination, sync, { signal, again: true })
}

async function describe(
  destination: Destination,
  sync: Sync,
  { signal, again = false }: { signal: AbortSignal; again?: boolean },
): Promise<CrmSchema> {
  const own = await destination.describe(sync.object, signal, { again })
  const description = [...own, ...(await describeAssociation(destination, sync, signal))]
  const permissions = await destination.permissions(sync.object, signal)
  return { description, ...(permissions && { permissions }), related: await describeRelated(destination, sync, signal) }
}

async function describeRelated(
  destination: Destination,
  sync: Sync,
  signal: AbortSignal,
): Promise<Map<string, readonly FieldDescription[]>> {
  const related = new Map<string, readonly FieldDescription[]>()
  for (const { reference } of sync.fields) {
    if (reference === undefined || related.has(reference.object)) continue
    try {
      related.set(reference.object, await destination.describe(reference.object, signal))
    } catch (error) {
      throw atReference(error, reference)
    }
  }
  return related
}

/** An object that does not exist is a mistake of the reference, not of the sync's own object. */
function atReference(error: unknown, { objectAt }: NonNullable<Sync['fields'][number]['reference']>): unknown {
  if (!(error instanceof BackfeedError) || error.code !== 'E-MAP-OBJECT') return error
  const problems = error.problems.map((problem) => ({ ...problem, at: objectAt }))
  return new BackfeedError(problems, { exitCode: error.exitCode, cause: error.cause })
}

/**
 * Of what the mapping relies on, and of nothing else: its fields, the fields a create would need, the keys it points to, and
 * what may be done with the object. A new field elsewhere in the CRM changes nothing here.
 */
export function schemaHash(sync: Sync, { description, permissions, related }: CrmSchema): string {
  const used = new Set([sync.match.field, ...sync.fields.map((field) => field.to)])
  const fields = description.filter(({ name, requiredOnCreate }) => used.has(name) || requiredOnCreate)
  const keys = sync.fields.flatMap(({ reference }) =>
    reference === undefined
      ? []
      : [[reference.object, related.get(reference.object)?.filter(({ name }) => name === reference.field)]],
  )
  return createHash('sha256')
    .update(JSON.stringify([fields, permissions ?? null, keys]))
    .digest('hex')
    .slice(0, 16)
}
