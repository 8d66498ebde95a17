/** Codes of warehouses, CRMs and the emulator. Title, meaning, what to do. */
import type { CodeTexts } from '../explain-code.ts'

export const connectionCodes: CodeTexts = {
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
    'It answered with errors of its own several times. While rows were being sent: five calls in a row, and one more after each minute of waiting. What may have been written is recorded as unknown.',
    'Run again later: the next run reads back what is unknown before it sends anything.',
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
}
