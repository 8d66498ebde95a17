import { expect, test } from 'vitest'
import { duckdbError } from '../../../runner/warehouse/duckdb-errors.ts'

/** As DuckDB 1.5 says them, and what is told. */
const messages: readonly [string, string][] = [
  ['Invalid Input Error: Guppy 4711', 'Invalid Input Error: …'],
  [
    'Invalid Input Error: Could not parse string "Guppy 4711" according to format specifier "%Y"\nGuppy 4711\n^\nError: Expected a number',
    'Invalid Input Error: Could not parse string …',
  ],
  ['Invalid Input Error: missing ): (Guppy 4711', 'Invalid Input Error: missing ) …'],
  [
    'Invalid Input Error: Failed to parse format specifier Guppy%: Trailing format character %',
    'Invalid Input Error: Failed to parse format specifier …',
  ],
  [
    "Conversion Error: Type INT32 with value 123456789 can't be cast because the value is out of range for the destination type INT8",
    "Conversion Error: Type INT32 with value … can't be cast because the value is out of range for the destination type INT8",
  ],
  [
    'Conversion Error: Casting value "123456789.5" to type DECIMAL(3,1) failed: value is out of range!',
    'Conversion Error: Casting value "…" to type DECIMAL(3,1) failed: value is out of range!',
  ],
  [
    'Out of Range Error: Overflow in multiplication of INT32 (123456789 * 987654321)!',
    'Out of Range Error: Overflow in multiplication of INT32 (… * …)!',
  ],
  ['Conversion Error: Date out of range: 123456789-1-1', 'Conversion Error: Date out of range: …'],
  [
    'Conversion Error: Invalid hex escape code encountered in string -> blob conversion of string "\\xGuppy": \\xGu when casting from source column v',
    'Conversion Error: Invalid hex escape code encountered in string -> blob conversion of string "…": … when casting from source column v',
  ],
  [
    'Constraint Error: PRIMARY KEY or UNIQUE constraint violation: duplicate key "Guppy"',
    'Constraint Error: PRIMARY KEY or UNIQUE constraint violation: duplicate key "…"',
  ],
  ["Not implemented Error: Unknown TimeZone 'Guppy'!", "Not implemented Error: Unknown TimeZone '…'!"],
  ['Constraint Error: NOT NULL constraint failed: u.a', 'Constraint Error: NOT NULL constraint failed: u.a'],
]

test.each(messages)('says nothing of values: %s', (said, told) => {
  expect(duckdbError(new Error(said)).problems[0]?.message).toBe(told)
})

test('names that are wrong stay readable', () => {
  const said = 'Binder Error: Referenced column "ltv2" not found in FROM clause!\nCandidate bindings: "ltv"'
  expect(duckdbError(new Error(said)).problems[0]?.message).toContain('"ltv2"')
})
