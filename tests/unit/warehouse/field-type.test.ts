import { expect, it } from 'vitest'
import { fieldType } from '../../../runner/warehouse/field-type.ts'

it.each([
  ['VARCHAR', { kind: 'text' }],
  ['character varying(20)', { kind: 'text' }],
  ['character(3)', { kind: 'text' }],
  ['BOOLEAN', { kind: 'bool' }],
  ['HUGEINT', { kind: 'decimal', precision: 38, scale: 0 }],
  ['smallint', { kind: 'integer' }],
  ['DECIMAL(18,3)', { kind: 'decimal', precision: 18, scale: 3 }],
  ['numeric', { kind: 'decimal' }],
  ['numeric(10,0)', { kind: 'decimal', precision: 10, scale: 0 }],
  ['DATE', { kind: 'date' }],
  ['TIMESTAMP WITH TIME ZONE', { kind: 'timestamp' }],
  ['timestamp(3) without time zone', { kind: 'timestamp' }],
  ['TIMESTAMP_NS', { kind: 'other', declared: 'TIMESTAMP_NS' }],
  ['double precision', { kind: 'float', declared: 'double precision' }],
  ['FLOAT', { kind: 'float', declared: 'FLOAT' }],
  ['INTEGER[]', { kind: 'other', declared: 'INTEGER[]' }],
  ['STRUCT(a INTEGER)', { kind: 'other', declared: 'STRUCT(a INTEGER)' }],
  ['jsonb', { kind: 'other', declared: 'jsonb' }],
])('%s', (declared, expected) => {
  expect(fieldType(declared)).toEqual(expected)
})
