/** Codes of what holds a plan or a run back, and of changed schemas. Title, meaning, what to do. */
import type { CodeTexts } from '../explain-code.ts'

export const guardCodes: CodeTexts = {
  'E-BUDGET-COLUMN': [
    'One field would be blanked in too many rows',
    'More of the rows to send clear one and the same field than `max_field_clears` allows: a column of the model may have turned null. Nothing was sent.',
    'Look at the column of that field in the model; allow it once with the line of the message.',
  ],
  'E-BUDGET-CONFLICTS': [
    'Too many conflicts',
    'More rows than `max_conflicts` allows wait because a person changed in the CRM what the warehouse changed too. Nothing was sent.',
    'See `backfeed drift` and the plan; allow it once with the line of the message.',
  ],
  'E-RUN-BREAKER': [
    'The same error, again and again',
    'The last results were one and the same error (`max_equal_errors` in a row), so the CRM or the mapping is at fault and not the rows. The run stopped; what was done is recorded, the rest stays planned.',
    'The message names the error of the CRM. Correct the permission, the field or the rule it is about, and run again.',
  ],
  'E-RUN-CANARY': [
    'The first rows do not read back as they were sent',
    'The first rows of the run (`canary_rows`) were sent and read again, and the CRM holds something else: an automation, a formula or a person writes these fields too. No other row was sent.',
    'Look at the records and at what else writes the fields of the message; `guards: {canary_rows: 0}` sends without looking.',
  ],
  'W-VALUE-TRANSFORMED': [
    'The CRM stores a field in another form',
    'What it holds is the value that was sent, in other letters, without blanks or rounded. It is remembered beside what was sent, so that it is neither drift nor sent again.',
    'Nothing has to be done. Sending the form of the CRM (lower(), trim(), round() in the model) spares the difference.',
  ],
  'E-CRM-SCHEMA-DRIFT': [
    'The CRM changed during the run',
    'Rows began to fail, and the CRM describes its fields otherwise than at the start of the run. What was done is recorded, the rest stays planned.',
    'Correct the field in the CRM or the mapping; the message names it.',
  ],
}
