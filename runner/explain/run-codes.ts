/** Codes of warehouses, CRMs, guards, plans and runs. Title, meaning, what to do. */
import type { CodeTexts } from '../explain-code.ts'

export const runCodes: CodeTexts = {
  'E-WH-DRIVER': [
    'The driver of the warehouse is not installed',
    'Drivers are optional, so that nobody installs what they do not use.',
    'Run the `npm install` line of the message.',
  ],
  'E-WH-UNSUPPORTED': [
    'The warehouse is not supported yet',
    'The name is known, but this version has no adapter for it.',
    'Use DuckDB or Postgres.',
  ],
  'E-WH-AUTH': [
    'The warehouse refused the login',
    'User, password or certificate are wrong.',
    'Check the settings of the target and its environment variables.',
  ],
  'E-WH-ROLE': [
    'The role lacks a privilege',
    'The login worked, but the role may not do what is needed.',
    'Run the grant of the message.',
  ],
  'E-WH-CONNECT': [
    'The warehouse cannot be reached',
    'Nothing answers at the address, or the connection broke.',
    'Check host, port and network.',
  ],
  'E-WH-LOCKED': [
    'The database file is in use',
    'A DuckDB file can be open in one process at a time.',
    'Close the other program; the message names it.',
  ],
  'E-WH-PATH': [
    'The database file cannot be opened',
    'The folder is missing or not writable, or the file is no database.',
    'Set `path:` to a file in a writable folder.',
  ],
  'E-BULK-CELL': [
    'A row could not be written into the file of a bulk job',
    'Its line did not read back as exactly what was planned, so it was left out and not sent.',
    'Report it with the type of the value; `limits: {bulk_above: …}` above the number of rows sends them by request.',
  ],
  'E-BULK-OPEN': [
    'A bulk job does not start',
    'All of its data is there and it was closed, but the CRM still calls it open.',
    'Run again later; the next run asks for the job by its id before anything else is sent.',
  ],
  'E-BULK-GONE': [
    'A bulk job and its results are gone',
    'The CRM keeps finished jobs for some days only. Whether its rows were written is not known.',
    'Nothing: the next run reads the live values and decides from them.',
  ],
  'E-WH-TIMEOUT': [
    'A statement took too long',
    'The deadline passed and the statement was cancelled.',
    'Look at the statement in target/compiled.',
  ],
  'E-WH-CANCELLED': [
    'A statement was cancelled',
    'The run was interrupted, or somebody cancelled the statement.',
    'Run again.',
  ],
  'E-WH-NO-ANSWER': [
    'The warehouse did not answer',
    'It is unknown whether the statement was applied. The run is safe to repeat.',
    'Run again.',
  ],
  'E-WH-SHORT-PAGE': [
    'A page of the plan is incomplete',
    'The warehouse returned fewer or more rows than it must. Nothing of the page was sent.',
    'Run again; report it if it stays.',
  ],
  'E-WH-TOO-MANY-ROWS': [
    'A query returned too many rows',
    'Small results only are read whole.',
    'Report it; this is a bug unless the message names your own query.',
  ],
  'E-CRM-AUTH': [
    'The CRM refused the credentials',
    'The token or the client credentials are wrong, expired or revoked.',
    'Renew the credentials; no secret is shown here.',
  ],
  'E-CRM-SCOPE': [
    'The credentials lack a scope',
    'The login worked, but the app may not do what is needed.',
    'Grant the scope of the message.',
  ],
  'E-CRM-QUOTA': [
    'The request limit of the CRM is used up',
    'The CRM takes no more requests for now, or the share of the daily calls that `daily_api_budget` leaves to the sync is used. What was done is recorded.',
    'Run again when the message says so, raise `limits.daily_api_budget`, or send less.',
  ],
  'E-CRM-VERSION': [
    'The org has no such API version',
    'The version is newer than the org, or has been retired.',
    'Set `api_version` of the connection to a version of the message.',
  ],
  'E-CRM-MAPPING': [
    'The CRM refuses what every row would bring',
    'A field, the object or the match field is unknown to the CRM, or the integration user may not write it. More rows would only meet the same.',
    'Correct the mapping or grant the permission; the message holds the code of the CRM. The rows stay planned or are tried again later.',
  ],
  'E-CRM-CLOSED': [
    'The CRM is closed to this login',
    'The API is switched off, the org is locked, the API version is retired, or a security policy blocks the integration. Nothing of the call was written.',
    'Look the code of the message up in docs/destinations/salesforce.md.',
  ],
  'E-CRM-LATER': [
    'The CRM takes no more for now',
    'Maintenance, full storage or another limit of hours. What was done is recorded.',
    'Run again later; if it is storage, free some.',
  ],
  'E-CRM-UNREACHABLE': [
    'The CRM cannot be reached',
    'Nothing answers at the address. Nothing was sent.',
    'Check the address and the network.',
  ],
  'E-CRM-UNAVAILABLE': [
    'The CRM is unavailable',
    'It answered with errors of its own several times.',
    'Run again later.',
  ],
  'E-CRM-REFUSED': [
    'The CRM refused a request',
    'The request as a whole was not accepted.',
    'The message holds the reason of the CRM.',
  ],
  'E-CRM-ANSWER': [
    'The answer is not that of the CRM',
    'Something else answered, or the answer cannot be read. Rows concerned are unknown until they have been read back.',
    'Check the address for a proxy or a login page.',
  ],
  'E-CRM-REDIRECT': [
    'The CRM redirected the request',
    'Credentials are never sent along a redirect.',
    'Use the address it leads to, if it is the right one.',
  ],
  'E-CRM-SEARCH': [
    'A search of the CRM is limited',
    'The search is too long, or more records match than the CRM returns.',
    'Match on a unique field.',
  ],
  'E-EMU-PORT': [
    'The port of the emulator is taken',
    'Another program listens there.',
    'Choose another --port or --control-port.',
  ],
  'E-EMU-DOWN': [
    'No emulator answers',
    'The command needs a running emulator.',
    'Start one with `backfeed emulator start`.',
  ],
  'E-EMU-CONTROL': [
    'The emulator refused a command',
    'Its control port answered with an error.',
    'The message holds the reason.',
  ],
  'E-EMU-FILE': [
    'A file for the emulator cannot be used',
    'The file is missing or not in the expected shape.',
    'Correct the file.',
  ],
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
  'E-STATE-NEWER': [
    'The tables are newer than this version',
    'A later version of Backfeed has migrated them.',
    'Upgrade Backfeed.',
  ],
  'E-STATE-TYPE': [
    'The type of a mapped column changed',
    'Values acknowledged with another type cannot be compared exactly.',
    'Cast the column to the earlier type, or adopt the new one as the message says.',
  ],
  'E-STATE-KEY-CHANGED': [
    'The primary key of the sync changed',
    'Rows could no longer be told apart from those of earlier runs.',
    'Restore the key, or give the sync a new name.',
  ],
  'E-REV-UNKNOWN': [
    'There is no such run to revert',
    'The run does not exist or has been reverted already.',
    'List the runs with `backfeed history runs`.',
  ],
}
