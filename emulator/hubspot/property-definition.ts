/** Property definitions in HubSpot's own shape (properties API v3; the same members on the dated paths). */

export interface PropertyOption {
  label: string
  value: string
  description: string
  displayOrder: number
  hidden: boolean
}

export interface PropertyDefinition {
  name: string
  label: string
  /** string, number, bool, enumeration, date, datetime, phone_number. */
  type: string
  fieldType: string
  description: string
  groupName: string
  options: PropertyOption[]
  displayOrder: number
  calculated: boolean
  externalOptions: boolean
  hasUniqueValue: boolean
  hidden: boolean
  hubspotDefined: boolean
  formField: boolean
  archived: boolean
  modificationMetadata: { archivable: boolean; readOnlyDefinition: boolean; readOnlyValue: boolean }
  createdAt: string
  updatedAt: string
  archivedAt?: string
  referencedObjectType?: string
  dataSensitivity: string
}

export type PropertyPart = Omit<Partial<PropertyDefinition>, 'options'> & {
  name: string
  options?: readonly (Partial<PropertyOption> & { value: string })[]
}

export const PROPERTY_TYPES = ['string', 'number', 'bool', 'enumeration', 'date', 'datetime', 'phone_number']

const FIELD_TYPE_OF: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  bool: 'booleancheckbox',
  enumeration: 'select',
  date: 'date',
  datetime: 'date',
  phone_number: 'phonenumber',
}

const TYPE_OF_FIELD: Readonly<Record<string, string>> = {
  booleancheckbox: 'bool',
  checkbox: 'enumeration',
  date: 'date',
  number: 'number',
  phonenumber: 'phone_number',
  radio: 'enumeration',
  select: 'enumeration',
}

const YES_NO = [
  { label: 'Yes', value: 'true' },
  { label: 'No', value: 'false' },
]

/** Lays `part` over the definition there is, or over what HubSpot fills in when a property is made. */
export function completeProperty(
  part: PropertyPart,
  { existing, group, at }: { existing?: PropertyDefinition | undefined; group: string; at: string },
): PropertyDefinition {
  if (existing !== undefined) return mergeProperty(part, existing, at)
  const type = part.type ?? TYPE_OF_FIELD[part.fieldType ?? ''] ?? 'string'
  return {
    label: part.name,
    type,
    fieldType: FIELD_TYPE_OF[type] ?? 'text',
    description: '',
    groupName: group,
    displayOrder: -1,
    calculated: false,
    externalOptions: false,
    hasUniqueValue: false,
    hidden: false,
    hubspotDefined: false,
    formField: true,
    archived: false,
    modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue: false },
    createdAt: at,
    updatedAt: at,
    dataSensitivity: 'non_sensitive',
    ...part,
    options: options(part) ?? (type === 'bool' ? completeOptions(YES_NO) : []),
  }
}

function mergeProperty(part: PropertyPart, existing: PropertyDefinition, at: string): PropertyDefinition {
  const kept = { ...existing, ...part, options: options(part) ?? existing.options, updatedAt: at }
  if (kept.type === existing.type) return kept
  // Another type without its field type would be a text box of numbers, or yes/no without the two options.
  const fieldType = part.fieldType ?? FIELD_TYPE_OF[kept.type] ?? 'text'
  const offered = kept.type === 'bool' && part.options === undefined ? completeOptions(YES_NO) : kept.options
  return { ...kept, fieldType, options: offered }
}

function options(part: PropertyPart): PropertyOption[] | undefined {
  return part.options === undefined ? undefined : completeOptions(part.options)
}

function completeOptions(parts: readonly (Partial<PropertyOption> & { value: string })[]): PropertyOption[] {
  return parts.map((option, displayOrder) => ({
    label: option.value,
    description: '',
    displayOrder,
    hidden: false,
    ...option,
  }))
}
