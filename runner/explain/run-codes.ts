/** Codes of guards, plans and runs. Title, meaning, what to do. */
import type { CodeTexts } from '../explain-code.ts'

export const runCodes: CodeTexts = {
  'E-GUARD-EMPTY': [
    'The model is empty',
    'Fewer rows than `min_source_rows`. Nothing was sent.',
    'Look at the model; lower the guard if this is right.',
  ],
  'E-GUARD-SHRINK': [
    'The model shrank',
    'More rows disappeared since the last run than `max_source_drop` allows. Nothing was sent.',
    'Look at the model; allow it once with the line of the message.',
  ],
  'E-GUARD-FIRST': [
    'The CRM holds other values on first contact',
    'The CRM has values that were never written from here.',
    'Take them as base with `backfeed adopt`, or set `first_sync`.',
  ],
  'E-BUDGET-CREATES': [
    'Too many creates',
    'The plan would create more records than `max_creates` allows. Nothing was sent.',
    'Look at the plan; allow it once with the line of the message.',
  ],
  'E-BUDGET-UPDATES': [
    'Too many updates',
    'The plan would update more records than `max_updates` allows. Nothing was sent.',
    'Look at the plan; allow it once with the line of the message.',
  ],
  'E-BUDGET-CLEARS': [
    'Too many blanked fields',
    'The plan would blank more fields than `max_clears` allows. Nothing was sent.',
    'Look at the plan; allow it once with the line of the message.',
  ],
  'E-BUDGET-DELETES': [
    'Too many deletes',
    'The plan would delete more records than `max_deletes` allows. Nothing was sent.',
    'Look at the plan; allow it once with the line of the message.',
  ],
  'E-BUDGET-QUARANTINED': [
    'Too many rows in quarantine',
    'More rows are invalid than `max_quarantined` allows. Nothing was sent.',
    'See `backfeed quarantine ls` for the reasons.',
  ],
  'E-PLAN-STALE': [
    'The saved plan is out of date',
    'A saved plan is applied exactly, once, or not at all. The message says what is different: the sync, the mapping, the fields of the CRM, the org, the version of Backfeed, another run, rows of the source, the time, or that it was applied before. Nothing was sent.',
    'Make a new plan with `backfeed plan --out plan.json`, and look at it.',
  ],
  'E-PLAN-DIGEST': [
    'The plan file was changed',
    'Its content does not match its digest or its signature, or the warehouse of the target does not know it. Nothing was sent.',
    'Make a new plan; a change to it belongs into the model or the sync.',
  ],
  'E-PLAN-FILE': [
    'This is no saved plan',
    'The file is missing, is another kind of file, or is the report of a plan in which not every sync could be planned.',
    'Make one with `backfeed plan --out plan.json`.',
  ],
  'E-RUN-APPROVAL': [
    'The run needs an approved plan',
    'The sync or the target says `require_approval`: only a saved plan that somebody else approved is sent. `first_run` asks until one approved plan went through in the org.',
    'Type `backfeed plan --out plan.json`, let somebody else type `backfeed approve plan.json --reason "…"`, then `backfeed apply plan.json`.',
  ],
  'E-RUN-BUSY': [
    'Another run holds the lease',
    'One run per sync at a time. The message says who and until when.',
    'Wait, or use --lock-timeout.',
  ],
  'E-RUN-FENCED': [
    'Another run took over',
    'The lease of this run expired and another run went on. This one sent nothing more.',
    'Look at the other run.',
  ],
  'W-RUN-JOURNAL': [
    'The local journal cannot be written',
    'Answers of the CRM are noted under .backfeed/journal until the warehouse has them. The disk is full or the folder is read-only; the run goes on without.',
    'Nothing. If the process dies, the next run reads a few more rows back.',
  ],
  'W-RUN-CLOCK': [
    "The clock of this machine is wrong, or the warehouse's is",
    'They differ by more than five minutes. When a row may be sent, when a lease or a plan ends and the times in the ledger go by the clock of the warehouse, so rows are safe. What this machine writes itself (its log, its reports, `sent_at` of requests) shows its own time, and a CRM may refuse its login.',
    'Set the clock by NTP. When reading the logs of this run beside those of other machines, take the difference into account.',
  ],
  'E-RUN-STOPPED': [
    'The run ended before this row',
    'The row stays planned and is sent by the next run.',
    'Run again.',
  ],
  'E-RUN-CRASHED': [
    'The run died while sending',
    'The row had been announced; whether the CRM applied it is unknown until it is read back.',
    'Run `backfeed reconcile`, then run again.',
  ],
  'E-RUN-NOT-APPLIED': [
    'A write was not applied',
    'Its answer never came; the record was read back and holds what it held before, or was never made.',
    'Nothing: the next run plans the row again.',
  ],
  'E-RUN-OVERWRITTEN': [
    'A record holds neither what was sent nor what was there before',
    'The answer of a write never came, and when the record was read back somebody else had written it.',
    'Nothing: the next run meets it as drift or first contact, and `on_drift` or `first_sync` decides.',
  ],
  'E-RUN-INTERRUPTED': ['The run was interrupted', 'What was sent is recorded, the rest stays planned.', 'Run again.'],
  'E-RUN-REJECTED': [
    'Too many rows were rejected',
    'The CRM rejected more rows than `max_rejected` allows, so the run stopped.',
    'See `backfeed history` for the reasons.',
  ],
  'E-RUN-UNKNOWN': [
    'Outcomes are unknown',
    'Some rows may or may not have been applied.',
    'Run `backfeed reconcile`, then run again.',
  ],
  'E-ROLLOUT-NONE': [
    'The sync has no rollout',
    'Without `rollout:` every row of the model is in, so there is no phase to look at or to move.',
    'Add `rollout: {phases: […]}` to the sync, or name another sync.',
  ],
  'E-ROLLOUT-PHASE': [
    'The rollout has no such phase',
    'The warehouse remembers by name which phase is active. A name the file does not have could mean any set of rows, so nothing is sent.',
    'Set the phase with `backfeed rollout set SYNC PHASE --reason "…"`, or give the phase its name back.',
  ],
  'E-ROLLOUT-ORG': [
    'The sync has not reached a CRM yet',
    'Phases are remembered per organisation, and no plan or run says yet which one the target reaches.',
    'Run `backfeed plan` for the sync once.',
  ],
  'E-STATE-NEWER': [
    'The tables are newer than this version',
    'A later version of Backfeed has migrated them.',
    'Upgrade Backfeed.',
  ],
  'E-STATE-OLDER': [
    'The tables are older than this version',
    'Verbs that only read do not change tables, and these lack what they ask for.',
    'Run `backfeed plan` once: it migrates them and keeps their rows.',
  ],
  'E-AUDIT-OPEN': [
    'A run of the sync is under way or has died',
    'Recovery needs the values of its plan, so nothing of the sync is erased before it has ended.',
    'Wait for it, or run the sync once so that it is closed; then purge again.',
  ],
  'E-AUDIT-CONFIRM': [
    'Nobody confirmed the purge',
    'Erased values do not come back, so without a terminal to ask on the command insists on `--yes`.',
    'Add `--yes` when you are sure.',
  ],
  'E-STATE-TYPE': [
    'The type of a mapped column changed',
    'Values acknowledged with another type cannot be compared exactly.',
    'Cast the column to the earlier type, or adopt the new one as the message says.',
  ],
  'E-STATE-KEY-CHANGED': [
    'The primary key of the sync changed',
    'Rows could no longer be told apart from those of earlier runs.',
    'Restore the key. Or let the rows go on under the new one: put the former key into the model beside it, then `backfeed rekey SYNC --from COLUMN`.',
  ],
  'E-STATE-REKEY': [
    'Keys cannot be renamed like that',
    'It would not be certain which row goes on under which key, so no key was changed.',
    'The message says what is missing: another `--from`, one new key for each former one, or `backfeed reconcile` first.',
  ],
}
