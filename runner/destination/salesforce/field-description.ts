/** One field of a Salesforce describe as the seam has it. Pure. */
import type { FieldDescription, RecordType, ReferenceDescription, WireKind } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'

const KINDS: Readonly<Record<string, WireKind>> = {
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
  date: 'date',
  datetime: 'datetime',
  picklist: 'enumeration',
  combobox: 'string',
  multipicklist: 'multi_enumeration',
  reference: 'reference',
  id: 'reference',
}

/** Made of other fields: BillingAddress of BillingStreet and so on. They read as objects and cannot be written. */
const COMPOUND_TYPES = new Set(['address', 'location'])

/** Dates and datetimes Salesforce can hold (SOAP API guide, "Primitive Data Types"). */
const DAYS = { first: '1700-01-01', last: '4000-12-31' }

/** TOO_MANY_ENUM_VALUE beyond. */
const MOST_PICKLIST_VALUES = 100

/** Numbers travel as IEEE doubles (soapType xsd:double), which keep 15 significant decimal digits and not always more. */
const DOUBLE_DIGITS = 15

type Described = Readonly<Record<string, unknown>>

/** Numbers arrive as text: the client parses JSON that way. `components` are the fields whose compound this one is. */
export function toFieldDescription(field: Described, components: readonly string[] = []): FieldDescription {
  const name = textOf(field.name) ?? ''
  const type = textOf(field.type) ?? ''
  const derived = derivation(field, type, components)
  const createable = derived === undefined && field.createable === true
  const kind = KINDS[type] ?? 'string'
  return {
    name,
    label: textOf(field.label) ?? name,
    vendorType: type,
    kind,
    createable,
    updateable: derived === undefined && field.updateable === true,
    ...(isLocked(field, derived === undefined) ? { lacksPermission: true } : {}),
    requiredOnCreate: createable && type !== 'boolean' && field.nillable === false && field.defaultedOnCreate !== true,
    unique: field.unique === true || type === 'id',
    matchable: field.externalId === true || field.idLookup === true,
    caseSensitive: field.caseSensitive === true || type === 'id',
    ...(field.nillable === false ? { clearable: false } : {}),
    ...(derived === undefined ? {} : { derived }),
    ...(derived === 'compound' && components.length > 0 ? { components } : {}),
    ...(kind === 'reference' && type !== 'id' ? { reference: referenceOf(field) } : {}),
    ...(field.htmlFormatted === true || field.encrypted === true ? { opaque: true } : {}),
    ...(field.filterable === false ? { filterable: false } : {}),
    ...sizes(field, kind),
    ...restrictedValues(field, type),
  }
}

/** A name made of first and last name is a compound like an address, though its type says nothing of it. */
function derivation(field: Described, type: string, components: readonly string[]): FieldDescription['derived'] {
  if (COMPOUND_TYPES.has(type)) return 'compound'
  if (field.calculated === true) return 'formula'
  if (field.autoNumber === true) return 'auto_number'
  const writable = field.createable === true || field.updateable === true
  return components.length > 0 && !writable ? 'compound' : undefined
}

/** Field-level security governs custom fields; one that is not computed and still not writable was not granted. */
function isLocked(field: Described, writable: boolean): boolean {
  const granted = field.createable === true || field.updateable === true
  return writable && !granted && field.custom === true && field.permissionable === true
}

function referenceOf(field: Described): ReferenceDescription {
  const to = Array.isArray(field.referenceTo) ? field.referenceTo.flatMap((name) => textOf(name) ?? []) : []
  const relationship = textOf(field.relationshipName)
  return {
    to,
    ...(relationship === undefined ? {} : { relationship }),
    polymorphic: field.polymorphicForeignKey === true || to.length > 1,
  }
}

type Sizes = Pick<FieldDescription, 'length' | 'precision' | 'scale' | 'days' | 'significantDigits'>

function sizes(field: Described, kind: WireKind): Sizes {
  if (kind === 'date' || kind === 'datetime') return { days: DAYS }
  const length = positive(field.length)
  if (kind !== 'number') return length === undefined ? {} : { length }
  const digits = positive(field.digits)
  if (digits !== undefined) return { precision: digits, scale: 0 }
  const precision = positive(field.precision)
  const significantDigits = DOUBLE_DIGITS
  return precision === undefined
    ? { significantDigits }
    : { precision, scale: Number(field.scale ?? 0), significantDigits }
}

/** Zero means "does not apply" in a describe. */
function positive(value: unknown): number | undefined {
  const number = Number(value)
  return Number.isInteger(number) && number > 0 ? number : undefined
}

/** An unrestricted picklist takes any text; only restricted ones refuse rows. */
function restrictedValues(field: Described, type: string): Pick<FieldDescription, 'allowedValues' | 'maxValues'> {
  const entries = field.picklistValues
  const most = type === 'multipicklist' ? { maxValues: MOST_PICKLIST_VALUES } : {}
  if (field.restrictedPicklist !== true || !Array.isArray(entries)) return most
  const active = entries.filter(isRecord).filter((entry) => entry.active !== false)
  return { ...most, allowedValues: active.flatMap((entry) => textOf(entry.value) ?? []) }
}

/** `recordTypeInfos` of a describe. */
export function recordTypesOf(infos: unknown): RecordType[] {
  const list = Array.isArray(infos) ? infos.filter(isRecord) : []
  return list.map((info) => ({
    id: textOf(info.recordTypeId) ?? '',
    developerName: textOf(info.developerName) ?? '',
    available: info.available === true && info.active !== false,
    master: info.master === true,
  }))
}
