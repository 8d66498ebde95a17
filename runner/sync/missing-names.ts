/** Names a sync uses that the model or the CRM does not have. Pure. */
import type { FieldDescription } from '../destination/destination.ts'
import type { Position, Problem } from '../errors.ts'
import type { PreflightRequest } from './preflight.ts'
import { suggestedName } from './suggested-name.ts'
import { findColumn } from './sync-context.ts'

export function lacks({ columns }: PreflightRequest, name: string): boolean {
  return columns !== undefined && !findColumn(columns, name)
}

export function missingColumn(
  code: 'E-MAP-COLUMN' | 'E-KEY-MISSING',
  { name, at }: { name: string; at: Position },
  { model, columns = [] }: PreflightRequest,
): Problem {
  const names = columns.map((column) => column.name)
  return {
    code,
    message: `model ${model} has no column "${name}"`,
    at,
    ...suggestedName(name, names),
    help: 'select the column in the model, or correct its name here',
  }
}

/** `fields` are those of `object`, as this connection sees them. */
export function unknownField(
  name: string,
  at: Position,
  { object, fields }: { object: string; fields: readonly FieldDescription[] },
): Problem {
  const byLabel = fields.find((field) => field.label === name && field.name !== name)
  if (byLabel) {
    return {
      code: 'E-MAP-LABEL',
      message: `"${name}" is a label; the API name is ${byLabel.name}`,
      at,
      help: `write ${byLabel.name}`,
    }
  }
  return {
    code: 'E-MAP-UNKNOWN-FIELD',
    message: `${object} has no field "${name}", or this connection may not see it`,
    at,
    ...suggestedName(
      name,
      fields.map((field) => field.name),
    ),
    help: 'correct the field name, create the field, or give the connection access to it',
  }
}
