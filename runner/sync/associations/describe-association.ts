/** What an association relies on in the CRM: the key of the other object, and the type that the label stands for. */
import type { Destination, FieldDescription } from '../../destination/destination.ts'
import { BackfeedError } from '../../errors.ts'
import type { Sync } from '../../project/project.ts'
import type { AssociatedSync } from '../../project/sync-association.ts'
import { unknownField } from '../missing-names.ts'

/** The association as a field of its own: what is written into it is the key of the other record. */
export async function describeAssociation(
  destination: Destination,
  { object, fields, association }: Sync,
  signal: AbortSignal,
): Promise<FieldDescription[]> {
  if (association === undefined) return []
  const key = await describeKey(destination, association, signal)
  const { to, label, at } = association
  const types = (await destination.associationTypes?.(object, to, signal)) ?? []
  const type = label === undefined ? undefined : types.find((each) => each.label === label)
  if (label !== undefined && type === undefined) {
    const known = types.flatMap((each) => each.label ?? []).join(', ')
    throw new BackfeedError({
      code: 'E-MAP-UNKNOWN-FIELD',
      message: `${object} have no association with ${to} that is labelled "${label}"`,
      at,
      help: known === '' ? 'create the label in HubSpot, or leave it out' : `labels: ${known}`,
    })
  }
  return fields.map(({ to: name }) => ({
    ...{ name, label: name, vendorType: 'association', kind: 'string' as const },
    ...{ createable: true, updateable: true, requiredOnCreate: false, unique: false, matchable: false },
    caseSensitive: key.caseSensitive,
    opaque: true,
    association: type === undefined ? {} : { category: type.category, typeId: type.typeId },
  }))
}

async function describeKey(
  destination: Destination,
  { to, match, at }: AssociatedSync,
  signal: AbortSignal,
): Promise<FieldDescription> {
  const described = await destination.describe(to, signal).catch((error: unknown) => {
    if (!(error instanceof BackfeedError)) throw error
    const problems = error.problems.map((problem) => (problem.at === undefined ? { ...problem, at } : problem))
    throw new BackfeedError(problems, { exitCode: error.exitCode, cause: error.cause })
  })
  const key = described.find(({ name }) => name === match.field)
  if (key === undefined) throw new BackfeedError(unknownField(match.field, at, { object: to, fields: described }))
  if (key.matchable) return key
  throw new BackfeedError({
    code: 'E-MAP-NOKEY',
    message: `${to}.${match.field} cannot be used as a key: several records could answer`,
    at,
    help: 'name a property that HubSpot keeps unique, or email of contacts',
  })
}
