import type { FieldSpec } from './field.ts'

export interface ObjectSpec {
  name: string
  label?: string
  labelPlural?: string
  keyPrefix: string
  /** Does a forgotten `Sforce-Auto-Assign: FALSE` change the owner? */
  assignmentRules?: boolean
  readOnly?: boolean
  fields: readonly FieldSpec[]
}
