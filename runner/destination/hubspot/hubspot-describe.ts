import { crmRefused, unknownObject } from '../crm-problems.ts'
import type { FieldDescription, WireKind } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { redactMessage } from '../redact-message.ts'
import type { HubspotClient } from './hubspot-client.ts'

const STANDARD_OBJECTS = [
  'contacts',
  'companies',
  'deals',
  'tickets',
  'products',
  'line_items',
  'quotes',
  'calls',
  'tasks',
]

export async function describeObject(
  client: HubspotClient,
  object: string,
  signal: AbortSignal,
): Promise<readonly FieldDescription[]> {
  const answer = await client.read({ path: client.paths.properties(object), signal })
  if (answer.refusal !== undefined) {
    if (answer.status !== 404 && !/infer object type/i.test(answer.refusal.message)) {
      throw crmRefused(client.place(), `${answer.refusal.code} ${redactMessage(answer.refusal.message)}`)
    }
    throw unknownObject('HubSpot', object, [...STANDARD_OBJECTS, ...(await customObjects(client, signal))])
  }
  const list = isRecord(answer.body) && Array.isArray(answer.body.results) ? answer.body.results : []
  const active = list.filter(isRecord).filter((property) => property.archived !== true)
  return active.map((property) => toFieldDescription(property, object))
}

/** For a suggestion only: without the permission to list schemas there is simply none. */
async function customObjects(client: HubspotClient, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const answer = await client.read({ path: client.paths.schemas, signal })
    const body = answer.refusal === undefined ? answer.body : undefined
    const schemas = isRecord(body) && Array.isArray(body.results) ? body.results : []
    return schemas.filter(isRecord).flatMap((schema) => textOf(schema.name) ?? [])
  } catch {
    signal.throwIfAborted()
    return []
  }
}

/** `string` properties hold 65,536 characters (HubSpot docs, "Properties"). */
const STRING_LENGTH = 65_536

/** Names under which HubSpot answers for one object. */
const ALIASES: Readonly<Record<string, string>> = {
  contact: 'contacts',
  '0-1': 'contacts',
  company: 'companies',
  '0-2': 'companies',
  deal: 'deals',
  '0-3': 'deals',
  ticket: 'tickets',
  '0-5': 'tickets',
}

/** Documented as needed to create; HubSpot's properties API does not say so. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  deals: ['dealname', 'dealstage'],
  tickets: ['subject', 'hs_pipeline_stage'],
}

type Property = Readonly<Record<string, unknown>>

export function toFieldDescription(property: Property, object: string): FieldDescription {
  const name = textOf(property.name) ?? ''
  const objectName = ALIASES[object.toLowerCase()] ?? object.toLowerCase()
  const isContactEmail = objectName === 'contacts' && name === 'email'
  // HubSpot stores both in lower case.
  const folded = isContactEmail || (objectName === 'companies' && name === 'domain')
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
    requiredOnCreate: REQUIRED[objectName]?.includes(name) ?? false,
    unique,
    matchable: unique,
    caseSensitive: !folded,
    ...(kind === 'string' ? { length: STRING_LENGTH } : {}),
    ...optionValues(property, kind),
  }
}

const KINDS: Readonly<Record<string, WireKind>> = {
  number: 'number',
  bool: 'boolean',
  date: 'date',
  datetime: 'datetime',
  enumeration: 'enumeration',
}

function kindOf(property: Property): WireKind {
  const type = textOf(property.type) ?? ''
  if (type !== 'enumeration') return KINDS[type] ?? 'string'
  if (property.fieldType === 'checkbox') return 'multi_enumeration'
  return property.fieldType === 'booleancheckbox' ? 'boolean' : 'enumeration'
}

function isWritable(property: Property): boolean {
  const metadata = isRecord(property.modificationMetadata) ? property.modificationMetadata : {}
  return metadata.readOnlyValue !== true && property.calculated !== true
}

/** Options kept elsewhere (owners, …) are not listed; an enumeration without a list is not checked here. */
function optionValues(property: Property, kind: WireKind): Pick<FieldDescription, 'allowedValues'> {
  const options = Array.isArray(property.options) ? property.options.filter(isRecord) : []
  const closed = (kind === 'enumeration' || kind === 'multi_enumeration') && property.externalOptions !== true
  if (!closed || options.length === 0) return {}
  return {
    allowedValues: options.filter((option) => option.hidden !== true).flatMap((option) => textOf(option.value) ?? []),
  }
}
