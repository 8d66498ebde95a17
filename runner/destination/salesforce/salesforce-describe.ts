import { unknownObject } from '../crm-problems.ts'
import type { FieldDescription, WireKind } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { bodyOf, type SalesforceClient } from './salesforce-client.ts'

/** GET sobjects/{object}/describe. Fields the integration user may not see are not in it. */
export async function describeObject(
  client: SalesforceClient,
  object: string,
  signal: AbortSignal,
): Promise<readonly FieldDescription[]> {
  const answer = await client.read(`${client.root}/sobjects/${encodeURIComponent(object)}/describe`, signal)
  if (answer.refusal !== undefined && (answer.status === 404 || answer.refusal.code === 'INVALID_TYPE')) {
    throw unknownObject('Salesforce', object, await objectNames(client, signal))
  }
  const body = bodyOf(answer, client.place())
  const fields = isRecord(body) && Array.isArray(body.fields) ? body.fields : []
  return fields.filter(isRecord).map(toFieldDescription)
}

async function objectNames(client: SalesforceClient, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await client.read(`${client.root}/sobjects`, signal)
  const body = answer.refusal === undefined ? answer.body : undefined
  const objects = isRecord(body) && Array.isArray(body.sobjects) ? body.sobjects : []
  return objects.filter(isRecord).flatMap((object) => textOf(object.name) ?? [])
}

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

type Described = Readonly<Record<string, unknown>>

/** Numbers arrive as text: the client parses JSON that way. */
export function toFieldDescription(field: Described): FieldDescription {
  const name = textOf(field.name) ?? ''
  const type = textOf(field.type) ?? ''
  const writable = !isDerived(field, type)
  const createable = writable && field.createable === true
  const kind = KINDS[type] ?? 'string'
  return {
    name,
    label: textOf(field.label) ?? name,
    vendorType: type,
    kind,
    createable,
    updateable: writable && field.updateable === true,
    ...(isLocked(field, writable) ? { lacksPermission: true } : {}),
    requiredOnCreate: createable && type !== 'boolean' && field.nillable === false && field.defaultedOnCreate !== true,
    unique: field.unique === true || type === 'id',
    matchable: field.externalId === true || field.idLookup === true,
    caseSensitive: field.caseSensitive === true || type === 'id',
    ...sizes(field, kind),
    ...restrictedValues(field),
  }
}

function isDerived(field: Described, type: string): boolean {
  return field.calculated === true || field.autoNumber === true || COMPOUND_TYPES.has(type)
}

/** Field-level security governs custom fields; one that is not computed and still not writable was not granted. */
function isLocked(field: Described, writable: boolean): boolean {
  const granted = field.createable === true || field.updateable === true
  return writable && !granted && field.custom === true && field.permissionable === true
}

function sizes(field: Described, kind: WireKind): Pick<FieldDescription, 'length' | 'precision' | 'scale'> {
  const length = positive(field.length)
  if (kind !== 'number') return length === undefined ? {} : { length }
  const digits = positive(field.digits)
  if (digits !== undefined) return { precision: digits, scale: 0 }
  const precision = positive(field.precision)
  return precision === undefined ? {} : { precision, scale: Number(field.scale ?? 0) }
}

/** Zero means "does not apply" in a describe. */
function positive(value: unknown): number | undefined {
  const number = Number(value)
  return Number.isInteger(number) && number > 0 ? number : undefined
}

/** An unrestricted picklist takes any text; only restricted ones refuse rows. */
function restrictedValues(field: Described): Pick<FieldDescription, 'allowedValues'> {
  const entries = field.picklistValues
  if (field.restrictedPicklist !== true || !Array.isArray(entries)) return {}
  const active = entries.filter(isRecord).filter((entry) => entry.active !== false)
  return { allowedValues: active.flatMap((entry) => textOf(entry.value) ?? []) }
}
