/** One property of the properties API as a field description. Pure. */
import type { FieldDescription, WireKind } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { type ObjectType, standardType } from './object-types.ts'

/** `string` properties hold 65,536 characters (HubSpot docs, "Properties"). */
const STRING_LENGTH = 65_536
/** Years of four digits, which is how days travel. */
const DAYS = { first: '1000-01-01', last: '9999-12-31' }

export type Property = Readonly<Record<string, unknown>>

export function toFieldDescription(
  property: Property,
  object: string,
  type: ObjectType | undefined = standardType(object),
): FieldDescription {
  const name = textOf(property.name) ?? ''
  const format = formatOf(type, name)
  const isContactEmail = format === 'email'
  const unique = property.hasUniqueValue === true || isContactEmail
  const kind = kindOf(property)
  const writable = isWritable(property)
  return {
    name,
    label: textOf(property.label) ?? name,
    vendorType: `${textOf(property.type) ?? ''}/${textOf(property.fieldType) ?? ''}`,
    kind,
    createable: writable,
    updateable: writable,
    ...derivedOf(property),
    requiredOnCreate: type?.required.includes(name) ?? false,
    ...(type?.oneOf.includes(name) ? { requiredOneOf: true } : {}),
    unique,
    matchable: unique,
    // HubSpot stores both formats in lower case.
    caseSensitive: format === undefined,
    ...(format === undefined ? {} : { format }),
    ...(isContactEmail ? { furtherValuesIn: 'hs_additional_emails' } : {}),
    ...(kind === 'string' ? { length: STRING_LENGTH } : {}),
    ...(kind === 'date' || kind === 'datetime' ? { days: DAYS } : {}),
    ...optionValues(property, kind),
  }
}

function formatOf(type: ObjectType | undefined, name: string): FieldDescription['format'] {
  if (type?.name === 'contacts' && name === 'email') return 'email'
  return type?.name === 'companies' && name === 'domain' ? 'domain' : undefined
}

const KINDS: Readonly<Record<string, WireKind>> = {
  number: 'number',
  bool: 'boolean',
  date: 'date',
  datetime: 'datetime',
  enumeration: 'enumeration',
}

/** A `datetime` has the field type `date` too: the type counts. */
function kindOf(property: Property): WireKind {
  const type = textOf(property.type) ?? ''
  if (type !== 'enumeration') return KINDS[type] ?? 'string'
  if (property.fieldType === 'checkbox') return 'multi_enumeration'
  return property.fieldType === 'booleancheckbox' ? 'boolean' : 'enumeration'
}

function isWritable(property: Property): boolean {
  const metadata = isRecord(property.modificationMetadata) ? property.modificationMetadata : {}
  return metadata.readOnlyValue !== true && property.calculated !== true && property.archived !== true
}

function derivedOf(property: Property): Pick<FieldDescription, 'derived'> {
  if (property.archived === true) return { derived: 'archived' }
  return property.calculated === true ? { derived: 'formula' } : {}
}

/** Options kept elsewhere (owners, …) are not listed; an enumeration without a list is not checked here. */
function optionValues(
  property: Property,
  kind: WireKind,
): Pick<FieldDescription, 'allowedValues' | 'valueNames' | 'forwardOnly'> {
  const options = Array.isArray(property.options) ? property.options.filter(isRecord) : []
  const closed = (kind === 'enumeration' || kind === 'multi_enumeration') && property.externalOptions !== true
  if (!closed || options.length === 0) return {}
  const offered = options.filter((option) => option.hidden !== true && textOf(option.value) !== undefined)
  return {
    allowedValues: offered.map((option) => textOf(option.value) ?? ''),
    valueNames: Object.fromEntries(
      offered.map((option) => [(textOf(option.label) ?? '').toLowerCase(), textOf(option.value) ?? '']),
    ),
    ...(property.name === 'lifecyclestage' ? { forwardOnly: inOrder(options) } : {}),
  }
}

/** Hidden stages count as well: a record may be in one. */
function inOrder(options: readonly Property[]): readonly string[] {
  const placed = [...options].sort((a, b) => placeOf(a) - placeOf(b))
  return placed.flatMap((option) => textOf(option.value) ?? [])
}

/** -1 stands for "behind the others". */
function placeOf({ displayOrder }: Property): number {
  return typeof displayOrder === 'number' && displayOrder >= 0 ? displayOrder : Number.MAX_SAFE_INTEGER
}
