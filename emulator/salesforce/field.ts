import { choice } from '../core/control-input.ts'
import { ControlError } from '../core/crm.ts'

export const FIELD_TYPES = [
  'id',
  'string',
  'boolean',
  'int',
  'double',
  'currency',
  'percent',
  'date',
  'datetime',
  'time',
  'email',
  'phone',
  'url',
  'textarea',
  'picklist',
  'multipicklist',
  'combobox',
  'reference',
  'address',
  'location',
  'encryptedstring',
  'base64',
  'anyType',
] as const
export type FieldType = (typeof FIELD_TYPES)[number]

export interface PicklistValue {
  active: boolean
  defaultValue: boolean
  label: string
  validFor: string | null
  value: string
}

/** One element of `fields` in a describe: the keys of API 66.0 (facts: recorded describes), nothing of our own. */
export interface Field {
  aggregatable: boolean
  aiPredictionField: boolean
  autoNumber: boolean
  byteLength: number
  calculated: boolean
  calculatedFormula: string | null
  cascadeDelete: boolean
  caseSensitive: boolean
  compoundFieldName: string | null
  controllerName: string | null
  createable: boolean
  custom: boolean
  defaultValue: string | boolean | number | null
  defaultValueFormula: string | null
  defaultedOnCreate: boolean
  dependentPicklist: boolean
  deprecatedAndHidden: boolean
  digits: number
  displayLocationInDecimal: boolean
  encrypted: boolean
  externalId: boolean
  extraTypeInfo: string | null
  filterable: boolean
  filteredLookupInfo: null
  formulaTreatNullNumberAsZero: boolean
  groupable: boolean
  highScaleNumber: boolean
  htmlFormatted: boolean
  idLookup: boolean
  inlineHelpText: string | null
  label: string
  length: number
  mask: string | null
  maskType: string | null
  name: string
  nameField: boolean
  namePointing: boolean
  nillable: boolean
  permissionable: boolean
  picklistValues: readonly PicklistValue[]
  polymorphicForeignKey: boolean
  precision: number
  queryByDistance: boolean
  referenceTargetField: string | null
  referenceTo: readonly string[]
  relationshipName: string | null
  relationshipOrder: number | null
  restrictedDelete: boolean
  restrictedPicklist: boolean
  scale: number
  searchPrefilterable: boolean
  soapType: string
  sortable: boolean
  type: FieldType
  unique: boolean
  updateable: boolean
  writeRequiresMasterRead: boolean
}

const LENGTHS: Partial<Record<FieldType, number>> = {
  id: 18,
  string: 255,
  email: 80,
  phone: 40,
  url: 255,
  textarea: 255,
  picklist: 255,
  multipicklist: 4099,
  combobox: 255,
  reference: 18,
  encryptedstring: 175,
}

const SOAP_TYPES: Partial<Record<FieldType, string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  time: 'xsd:time',
  address: 'urn:address',
  location: 'urn:location',
  base64: 'xsd:base64Binary',
  anyType: 'xsd:anyType',
}

const NUMERIC: readonly FieldType[] = ['double', 'currency', 'percent']
const COMPOUND: readonly FieldType[] = ['address', 'location']

const FLAGS_OFF = {
  aiPredictionField: false,
  autoNumber: false,
  calculated: false,
  calculatedFormula: null,
  cascadeDelete: false,
  caseSensitive: false,
  compoundFieldName: null,
  controllerName: null,
  defaultValueFormula: null,
  dependentPicklist: false,
  deprecatedAndHidden: false,
  displayLocationInDecimal: false,
  encrypted: false,
  externalId: false,
  filteredLookupInfo: null,
  formulaTreatNullNumberAsZero: false,
  highScaleNumber: false,
  htmlFormatted: false,
  inlineHelpText: null,
  mask: null,
  maskType: null,
  nameField: false,
  namePointing: false,
  polymorphicForeignKey: false,
  queryByDistance: false,
  referenceTargetField: null,
  referenceTo: [],
  relationshipOrder: null,
  restrictedDelete: false,
  searchPrefilterable: false,
  unique: false,
  writeRequiresMasterRead: false,
} as const

/** What the control plane and the standard objects say of a field: name and type, and what is not the default. */
export type FieldSpec = { name: string; type: FieldType } & Partial<
  Omit<Field, 'name' | 'type' | 'picklistValues'> & { picklistValues: readonly (string | Partial<PicklistValue>)[] }
>

/** Fills in what the vendor would when an administrator creates a field of that type. */
export function fieldOf(spec: FieldSpec): Field {
  const { type } = spec
  const custom = spec.custom ?? /__c$/i.test(spec.name)
  const compound = COMPOUND.includes(type)
  const isBoolean = type === 'boolean'
  const length = spec.length ?? LENGTHS[type] ?? 0
  const long = type === 'textarea' && length > 255
  const picklistValues = picklistOf(spec.picklistValues)
  const defaults: Omit<Field, 'name' | 'type' | 'picklistValues' | 'byteLength' | 'length'> = {
    ...FLAGS_OFF,
    aggregatable: !long && !compound && !isBoolean,
    createable: !compound,
    custom,
    defaultValue: isBoolean ? false : null,
    defaultedOnCreate: isBoolean,
    digits: type === 'int' ? 9 : 0,
    extraTypeInfo: type === 'textarea' ? 'plaintextarea' : null,
    filterable: !long,
    groupable: !long && !compound && !NUMERIC.includes(type) && type !== 'datetime',
    idLookup: type === 'id' || spec.externalId === true,
    label: labelOf(spec.name),
    nillable: !isBoolean && type !== 'id',
    permissionable: custom || type !== 'id',
    precision: NUMERIC.includes(type) ? 18 : 0,
    relationshipName: type === 'reference' ? relationshipOf(spec.name) : null,
    restrictedPicklist: custom && picklistValues.length > 0,
    scale: NUMERIC.includes(type) ? 2 : 0,
    soapType: SOAP_TYPES[type] ?? 'xsd:string',
    sortable: !long && !compound && type !== 'multipicklist',
    updateable: !compound,
  }
  return { ...defaults, ...defined(spec), byteLength: length * 3, length, picklistValues, name: spec.name, type }
}

/** A field from outside: name and type checked, other keys taken as they are. Throws ControlError(400). */
export function fieldSpecOf(input: Record<string, unknown>, existing: Field | undefined): FieldSpec {
  const { name } = input
  if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
    throw new ControlError(400, 'fields: every field needs a name of letters, digits and underscores')
  }
  const type = input.type === undefined ? existing?.type : choice(input.type, FIELD_TYPES, `field ${name}: type`)
  if (type === undefined) throw new ControlError(400, `field ${name}: a new field needs a type`)
  checkAttributes(input, name)
  const before = existing?.type === type ? keptAttributes(existing, input) : {}
  return { ...before, ...input, name: existing?.name ?? name, type } as FieldSpec
}

// What follows from an attribute that now changes is worked out again instead of kept.
function keptAttributes(existing: Field, input: Record<string, unknown>): Partial<Field> {
  const kept: Partial<Field> = { ...existing }
  if (input.externalId === true) delete kept.idLookup
  if (input.picklistValues !== undefined && existing.picklistValues.length === 0) delete kept.restrictedPicklist
  return kept
}

const TEMPLATE: Field = fieldTemplate()

function checkAttributes(input: Record<string, unknown>, name: string): void {
  for (const [key, value] of Object.entries(input)) {
    if (!(key in TEMPLATE))
      throw new ControlError(400, `field ${name}: '${key}' is not an attribute of a describe field`)
    const expected = TEMPLATE[key as keyof Field]
    const isList = Array.isArray(expected)
    if (
      expected !== null &&
      key !== 'defaultValue' &&
      (isList !== Array.isArray(value) || typeof expected !== typeof value)
    ) {
      throw new ControlError(400, `field ${name}: ${key} must be ${isList ? 'an array' : `a ${typeof expected}`}`)
    }
  }
}

function fieldTemplate(): Field {
  return fieldOf({ name: 'Template', type: 'string' })
}

function picklistOf(values: FieldSpec['picklistValues']): PicklistValue[] {
  return (values ?? []).map((one) => {
    const given = typeof one === 'string' ? { value: one } : one
    const value = given.value ?? given.label ?? ''
    return {
      active: given.active ?? true,
      defaultValue: given.defaultValue ?? false,
      label: given.label ?? value,
      validFor: given.validFor ?? null,
      value,
    }
  })
}

function labelOf(name: string): string {
  return name
    .replace(/__c$/i, '')
    .replace(/_+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/ Id$/, ' ID')
}

function relationshipOf(name: string): string {
  return /__c$/i.test(name) ? name.replace(/__c$/i, '__r') : name.replace(/Id$/, '')
}

function defined(spec: FieldSpec): FieldSpec {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as FieldSpec
}
