import type { StatementTiming, WarehouseErrorKind } from './warehouse.ts'
import { oneLine, WarehouseError } from './warehouse-error.ts'

/**
 * SQLSTATE or its class (first two characters) to what it means; the longer one wins.
 * Source: Appendix A of the PostgreSQL manual. 40003 says itself that the outcome is not known.
 */
const kinds: Readonly<Record<string, WarehouseErrorKind>> = {
  '08': 'unknown',
  '0A': 'syntax',
  '21': 'data',
  '22': 'data',
  '23': 'data',
  '25': 'conflict',
  '25006': 'permission',
  '28': 'permission',
  // Something that others made hangs on the table: another try finds it there again.
  '2BP01': 'data',
  '34': 'missing',
  '3D': 'missing',
  '3F': 'missing',
  '40': 'conflict',
  '40003': 'unknown',
  '42': 'syntax',
  '42501': 'permission',
  '42704': 'missing',
  '42703': 'missing',
  '42883': 'missing',
  '42P01': 'missing',
  '42P02': 'missing',
  '42P04': 'conflict',
  '42P06': 'conflict',
  '42P07': 'conflict',
  '44': 'data',
  '53': 'transient',
  '54': 'syntax',
  '55': 'conflict',
  '55P03': 'locked',
  '57': 'transient',
  '58': 'transient',
  P0: 'data',
}

const codes: Partial<Record<WarehouseErrorKind, `E-${string}`>> = { permission: 'E-WH-ROLE' }

/** `sql` is the text that was sent: the server tells a position in it, and users need a line. */
export function postgresError(error: unknown, operation: StatementTiming['operation'], sql = ''): WarehouseError {
  if (error instanceof WarehouseError) return error
  const state = textField(error, 'code')
  if (state === '57014') {
    return new WarehouseError(
      'transient',
      { code: 'E-WH-CANCELLED', message: 'the statement was cancelled' },
      { cause: error },
    )
  }
  if (!isSqlState(state)) return connectionLost(error, operation)
  const kind = kinds[state] ?? kinds[state.slice(0, 2)] ?? 'unknown'
  const message = oneLine(withoutValues(textField(error, 'message') ?? '', state))
  if (/^(57P|08)/.test(state)) return wentAway(error, kind, `${message} (${state})`)
  return new WarehouseError(
    kind,
    {
      code: codes[kind] ?? 'E-SQL-WAREHOUSE',
      message: `${message} (${state})`,
      ...hintOf(error, state),
      ...grantFor(message),
    },
    { ...placeAt(sql, textField(error, 'position')), cause: error },
  )
}

const later = 'run again when the warehouse is back; what was done is recorded, and nothing is sent twice'

function wentAway(cause: unknown, kind: WarehouseErrorKind, message: string): WarehouseError {
  return new WarehouseError(kind, { code: 'E-WH-CONNECT', message, help: later }, { cause })
}

/** After the statement left, silence proves nothing, except for a page, which only reads. */
function connectionLost(error: unknown, operation: StatementTiming['operation']): WarehouseError {
  const reads = operation === 'page' || operation === 'columns' || operation === 'estimate'
  const message = `the connection was lost during the statement${reads ? '' : ', which may have been applied'}`
  return wentAway(error, reads ? 'transient' : 'unknown', message)
}

/** Of a statement inside a transaction that was never committed: whatever it was, it is proven not applied. What the server said stays. */
export function beforeCommit(error: WarehouseError): WarehouseError {
  if (error.kind !== 'unknown') return error
  const [said] = error.problems
  if (said !== undefined && said.code !== 'E-WH-CONNECT') return new WarehouseError('conflict', said, { cause: error })
  const message = 'the connection was lost before the commit; nothing was applied'
  return new WarehouseError('transient', { code: 'E-WH-CONNECT', message }, { cause: error })
}

/** A failed commit is proof only when the server said why in a way that rolls back. */
export function commitError(error: unknown): WarehouseError {
  const state = textField(error, 'code') ?? ''
  const rolledBack = /^(23|40)/.test(state) && state !== '40003'
  if (rolledBack) return postgresError(error, 'atomic')
  const message = `the commit was not confirmed and may have happened${state === '' ? '' : ` (${state})`}`
  return new WarehouseError('unknown', { code: 'E-SQL-WAREHOUSE', message }, { cause: error })
}

/** Login and network failures, which name the server and never the password. */
export function connectError(error: unknown, endpoint: string): WarehouseError {
  const state = textField(error, 'code') ?? ''
  const message = textField(error, 'message') ?? ''
  if (/^(28|3D)/.test(state) || /SASL|password/i.test(message)) {
    const said = isSqlState(state)
      ? oneLine(message)
      : 'the server asked for a password that was not given or not accepted'
    return new WarehouseError(
      'permission',
      {
        code: 'E-WH-AUTH',
        message: `login at ${endpoint} refused: ${said}`,
        help: 'check user, password and database of the target',
      },
      { cause: error },
    )
  }
  if (state === '42501' || /^(invalid value for parameter "role"|role .* does not exist)/.test(message)) {
    const help = 'check `role` of the target; its user must be a member: grant <role> to <user>'
    return new WarehouseError('permission', { code: 'E-WH-ROLE', message: oneLine(message), help }, { cause: error })
  }
  const reason = isSqlState(state) ? `${oneLine(message)} (${state})` : state === '' ? oneLine(message) : state
  return new WarehouseError(
    'transient',
    {
      code: 'E-WH-CONNECT',
      message: `cannot reach ${endpoint}: ${reason}`,
      help: 'check host, port and sslmode of the target',
    },
    { cause: error },
  )
}

/** True when the connection itself is of no further use. */
export function isFatal(error: unknown): boolean {
  const severity = textField(error, 'severity')
  return !isSqlState(textField(error, 'code')) || severity === 'FATAL' || severity === 'PANIC'
}

function isSqlState(code: string | undefined): code is string {
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)
}

function textField(error: unknown, name: 'code' | 'message' | 'hint' | 'position' | 'severity'): string | undefined {
  if (typeof error !== 'object' || error === null || !(name in error)) return undefined
  const value: unknown = error[name as keyof typeof error]
  return typeof value === 'string' ? value : undefined
}

function placeAt(sql: string, position: string | undefined): { line?: number; column?: number } {
  if (position === undefined || sql === '') return {}
  // The server counts characters, a JavaScript string counts UTF-16 units.
  const before = [...sql].slice(0, Number(position) - 1).join('')
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') }
}

/** What an administrator types when a right is missing; the role is the user of the target. */
function grantFor(message: string): { help?: string } {
  const denied = /^permission denied for (database|schema|table|relation|view) (\S+)$/.exec(message)
  if (!denied) return {}
  const [, kind = '', name = ''] = denied
  const rights = { database: `create on database`, schema: 'usage, create on schema' }[kind] ?? 'select on'
  return { help: `ask for the right: grant ${rights} ${name} to <user of the target>` }
}

/** Hints about the statement name tables, columns and functions; those of other classes may hold anything. */
function hintOf(error: unknown, state: string): { hint?: string } {
  const hint = state.startsWith('42') ? textField(error, 'hint') : undefined
  return hint === undefined ? {} : { hint: oneLine(hint) }
}

/** Data errors quote the value; names stay readable in all the others. Details, which list whole rows, are never used. */
function withoutValues(message: string, state: string): string {
  // What a function of the user raises says whatever its author put together.
  if (state.startsWith('P0')) return 'a function raised an exception of its own'
  if (!/^(21|22|54)/.test(state)) return message
  return message.replace(/"[\s\S]*"/, '"…"').replace(/(?<![\w,(])[-+]?\d[\d.,:/+-]*/g, '…')
}
