/** `reference:` as far as it can be judged without a connection: the CRM has references, and parents go first. Pure. */
import type { Problem } from '../errors.ts'
import type { FieldMapping, Sync } from './project.ts'

export interface ReferenceChecks {
  syncs: readonly Sync[]
  connectionTypes: ReadonlyMap<string, 'salesforce' | 'hubspot' | undefined>
}

type Reference = NonNullable<FieldMapping['reference']>

export function checkReferences(sync: Sync, checks: ReferenceChecks): Problem[] {
  return sync.fields.flatMap(({ to, reference }) => {
    if (reference === undefined) return []
    if (checks.connectionTypes.get(sync.connection) === 'hubspot') return [notInHubspot(to, reference)]
    return parentsLater(sync, { to, reference }, checks.syncs)
  })
}

function notInHubspot(to: string, reference: Reference): Problem {
  return {
    code: 'E-MAP-REFERENCE',
    message: `"${to}" has a "reference", and HubSpot has no fields that point to records`,
    at: reference.at,
    help: `HubSpot links records by associations, which are not written; to keep the parent's key in a property, remove "reference"`,
  }
}

/** A sync that creates the parents and is not waited for: on the day of a new parent its children would be refused. */
function parentsLater(sync: Sync, field: { to: string; reference: Reference }, syncs: readonly Sync[]): Problem[] {
  const { to, reference } = field
  const parents = syncs.find(
    (other) =>
      other.name !== sync.name &&
      other.mode !== 'update' &&
      other.connection === sync.connection &&
      other.object.toLowerCase() === reference.object.toLowerCase(),
  )
  if (parents === undefined || waitsFor(sync, parents.name, syncs)) return []
  return [
    {
      code: 'W-MAP-ORDER',
      message: `"${to}" points to ${reference.object} records that sync "${parents.name}" creates, in no order to this one`,
      at: reference.at,
      help: `write depends_on: [${parents.name}], so that the parents' rows go first`,
    },
  ]
}

function waitsFor(sync: Sync, wanted: string, syncs: readonly Sync[]): boolean {
  const byName = new Map(syncs.map((each) => [each.name, each]))
  const seen = new Set<string>()
  const open = [...sync.dependsOn]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === wanted) return true
    if (seen.has(name)) continue
    seen.add(name)
    open.push(...(byName.get(name)?.dependsOn ?? []))
  }
  return false
}
