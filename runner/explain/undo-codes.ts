/** Codes of what stops a sync or takes a run back. Title, meaning, what to do. */
import type { CodeTexts } from '../explain-code.ts'

export const undoCodes: CodeTexts = {
  'E-RUN-PAUSED': [
    'The sync is paused',
    'Somebody paused it, or a run of it was reverted: nothing is sent until a person says so. Plans and reports go on.',
    'Look at the plan, then `backfeed resume SYNC`.',
  ],
  'E-RUN-ALIVE': [
    'The holder of the lease is alive',
    'It gave a sign of life less than a minute ago, so its lease was not ended.',
    'Wait for it, or stop its process. `unlock --force` ends the lease all the same; the run then sends nothing more.',
  ],
  'E-REV-UNKNOWN': [
    'There is no such run to revert',
    'No run of this id is recorded in the schema of the target.',
    'List the runs with `backfeed history runs`; add `-t` for the target it ran on.',
  ],
  'E-REV-RUN': [
    'This run cannot be reverted here',
    'It was only a plan, wrote nothing, or belongs to another sync, target or organisation.',
    'See `backfeed history runs`; add `-t` for the target it ran on.',
  ],
  'E-REV-FIELD': [
    'The run did not write this field',
    'Only fields that the run wrote can be put back.',
    'Use one of the names of the message.',
  ],
  'E-REV-KEYS': [
    'The run wrote none of these rows',
    'The keys are compared with the primary keys of the rows that the run sent.',
    'Give keys as the model has them; keys of several columns go into --keys-file, as `history` prints them.',
  ],
}
