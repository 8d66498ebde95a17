/** Whether the values of a mapping can be values of its CRM field, judged by the types of their columns. Pure. */
import type { FieldDescription, WireKind } from '../destination/destination.ts'
import type { Problem } from '../errors.ts'
import type { FieldMapping } from '../project/project.ts'
import type { FieldType } from '../warehouse/warehouse.ts'
import { constantProblems } from './constant-problems.ts'
import type { PreflightRequest } from './preflight.ts'
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

/** Salesforce types that are not values of one cell. */
const unmappable: ReadonlySet<string> = new Set(['base64', 'anyType', 'complexvalue'])

function unmappableType({ sync }: PreflightRequest, field: FieldMapping, description: FieldDescription): Problem {
  return {
    code: 'E-MAP-TYPE',
    message: `${sync.object}.${field.to} is ${description.vendorType}, which no column can be written into`,
    at: field.at,
    help: 'remove the mapping',
  }
}

/** `description` is that of the values: for a reference, of the key it holds. */
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
  if (unmappable.has(description.vendorType)) return [unmappableType(request, field, description)]
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
