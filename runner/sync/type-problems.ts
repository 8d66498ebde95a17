/** Whether the values of a mapping can be values of its CRM field: column types, and constants as they are written. Pure. */
import type { FieldDescription, WireKind } from '../destination/destination.ts'
import type { Problem } from '../errors.ts'
import type { FieldMapping } from '../project/project.ts'
import type { FieldType } from '../warehouse/warehouse.ts'
import type { PreflightRequest } from './preflight.ts'
import { suggestedName } from './suggested-name.ts'
import { findColumn } from './sync-context.ts'

const accepted: Record<WireKind, readonly FieldType['kind'][]> = {
  string: ['text', 'integer', 'decimal', 'bool', 'date', 'timestamp'],
  reference: ['text', 'integer'],
  enumeration: ['text', 'integer', 'bool'],
  multi_enumeration: ['text'],
  number: ['integer', 'decimal'],
  boolean: ['bool'],
  date: ['date'],
  datetime: ['timestamp', 'date'],
}

const castTo: Partial<Record<WireKind, string>> = {
  number: 'decimal(18, 2)',
  boolean: 'boolean',
  date: 'date',
  datetime: 'timestamp',
  string: 'varchar',
}

export function typeProblems(request: PreflightRequest, field: FieldMapping, description: FieldDescription): Problem[] {
  if (field.from === undefined) return constantProblems(field, description)
  const column = findColumn(request.columns ?? [], field.from)
  if (!column) return []
  const at = field.fromAt ?? field.at
  if (column.type.kind === 'float') {
    return [
      {
        code: 'E-MAP-FLOAT',
        message: `column "${field.from}" is ${column.declared}: a float has no exact text`,
        at,
        help: `cast it in the model: cast(${field.from} as decimal(18, 2))`,
      },
    ]
  }
  if (accepted[description.kind].includes(column.type.kind)) return []
  const help = `cast it in the model: cast(${field.from} as ${castTo[description.kind] ?? 'varchar'})`
  return [
    {
      code: 'E-MAP-TYPE',
      message: `column "${field.from}" is ${column.declared}, but ${request.sync.object}.${field.to} is ${description.vendorType}`,
      at,
      help,
    },
  ]
}

function constantProblems(field: FieldMapping, description: FieldDescription): Problem[] {
  const value = field.value ?? ''
  const at = field.valueAt ?? field.at
  if (description.allowedValues && !description.allowedValues.includes(value)) {
    return [
      {
        code: 'E-DATA-PICKLIST',
        message: `the constant of ${field.to} is not in the CRM's list of values`,
        at,
        ...suggestedName(value, description.allowedValues),
        help: `one of: ${description.allowedValues.slice(0, 10).join(', ')}`,
      },
    ]
  }
  const kindFits = {
    number: /^-?[0-9]+([.][0-9]+)?$/,
    boolean: /^(true|false)$/,
    date: /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  } as Partial<Record<WireKind, RegExp>>
  const pattern = kindFits[description.kind]
  if (!pattern || pattern.test(value)) return []
  return [
    {
      code: 'E-MAP-TYPE',
      message: `the constant of ${field.to} is not a ${description.kind}`,
      at,
      help: `${field.to} is ${description.vendorType}`,
    },
  ]
}
