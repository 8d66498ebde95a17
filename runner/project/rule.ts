/** A rule that every row of a sync must pass before it is sent. */
import type { Position } from '../errors.ts'
import type { OnFail } from './project.ts'

export type RuleName =
  | 'not_null'
  | 'unique'
  | 'email'
  | 'domain'
  | 'phone'
  | 'country'
  | 'url'
  | 'between'
  | 'accepted_values'
  | 'matches'
  | 'max_length'
  | 'number'
  | 'date'
  | 'iso_datetime'
  | 'expression'

export interface Rule {
  /** `name:` of the entry or `<column>_<rule>`; unique within a sync. */
  name: string
  rule: RuleName
  column?: string
  onFail: OnFail
  min?: string
  max?: string
  values?: readonly string[]
  pattern?: string
  length?: number
  /** SQL boolean expression over the model's columns; the row passes when it is true. */
  expression?: string
  at: Position
  /** Of the values of `column:` and `expression:`; absent where the rule came with a column's properties. */
  columnAt?: Position
  expressionAt?: Position
}
