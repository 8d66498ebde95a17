import { describe, expect, it } from 'vitest'
import { beforeCommit, commitError, connectError, postgresError } from '../../../runner/warehouse/postgres-errors.ts'

function serverError(code: string, message = 'said', more: Record<string, string> = {}): Error {
  return Object.assign(new Error(message), { code, severity: 'ERROR', ...more })
}

describe('errors of Postgres', () => {
  it.each([
    ['42601', 'syntax', 'E-SQL-WAREHOUSE'],
    ['42P01', 'missing', 'E-SQL-WAREHOUSE'],
    ['42703', 'missing', 'E-SQL-WAREHOUSE'],
    ['42501', 'permission', 'E-WH-ROLE'],
    ['22P02', 'data', 'E-SQL-WAREHOUSE'],
    ['23505', 'data', 'E-SQL-WAREHOUSE'],
    ['21000', 'data', 'E-SQL-WAREHOUSE'],
    ['40001', 'conflict', 'E-SQL-WAREHOUSE'],
    ['40P01', 'conflict', 'E-SQL-WAREHOUSE'],
    ['40003', 'unknown', 'E-SQL-WAREHOUSE'],
    ['55P03', 'locked', 'E-SQL-WAREHOUSE'],
    ['57P01', 'transient', 'E-WH-CONNECT'],
    ['57014', 'transient', 'E-WH-CANCELLED'],
    ['53300', 'transient', 'E-SQL-WAREHOUSE'],
    ['XX000', 'unknown', 'E-SQL-WAREHOUSE'],
    ['2BP01', 'data', 'E-SQL-WAREHOUSE'],
  ])('%s is %s', (state, kind, code) => {
    expect(postgresError(serverError(state), 'exec')).toMatchObject({ kind, code })
  })

  it.each([
    ['2BP01', 'data', 'E-SQL-WAREHOUSE'],
    ['XX000', 'conflict', 'E-SQL-WAREHOUSE'],
    ['57P01', 'transient', 'E-WH-CONNECT'],
  ])('%s before a commit is %s and says what the server said', (state, kind, code) => {
    const error = beforeCommit(postgresError(serverError(state, 'said by the server'), 'exec'))
    expect(error).toMatchObject({ kind, code })
    expect(error.message).toContain('said by the server')
  })

  it('a connection lost before a commit applied nothing', () => {
    const lost = postgresError(Object.assign(new Error('gone'), { code: 'ECONNRESET' }), 'exec')
    expect(beforeCommit(lost)).toMatchObject({ kind: 'transient', code: 'E-WH-CONNECT' })
  })

  it('says nothing of values', () => {
    const told = (state: string, said: string) => postgresError(serverError(state, said), 'exec').problems[0]?.message
    expect(told('P0001', 'Guppy 4711 is not allowed')).toBe('a function raised an exception of its own (P0001)')
    expect(told('22P02', 'invalid input syntax for type integer: "Guppy"')).toBe(
      'invalid input syntax for type integer: "…" (22P02)',
    )
    expect(told('54000', 'requested character too large for encoding: 123456789')).toBe(
      'requested character too large for encoding: … (54000)',
    )
    expect(told('42703', 'column "ltv2" does not exist')).toBe('column "ltv2" does not exist (42703)')
  })

  it('without a state after a write are unknown, after a page transient', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    for (const operation of ['exec', 'rows', 'append', 'atomic'] as const) {
      expect(postgresError(reset, operation)).toMatchObject({ kind: 'unknown', code: 'E-WH-CONNECT' })
    }
    for (const operation of ['page', 'columns', 'estimate'] as const) {
      expect(postgresError(reset, operation)).toMatchObject({ kind: 'transient' })
    }
  })

  it('tell the line by characters, not UTF-16 units', () => {
    const sql = `select '😀😀'\nfrom nowhere`
    const position = String([...sql].indexOf('n', 15) + 1)
    expect(postgresError(serverError('42P01', 'x', { position }), 'exec', sql).line).toBe(2)
    expect(postgresError(serverError('42P01', 'x', { position: '1' }), 'exec', sql).line).toBe(1)
  })

  it('keep names and drop values', () => {
    const value = 'invalid input syntax for type integer: "jane"'
    expect(postgresError(serverError('22P02', value, { detail: 'jane' }), 'exec').message).toBe(
      'E-SQL-WAREHOUSE invalid input syntax for type integer: "…" (22P02)',
    )
    expect(postgresError(serverError('42703', 'column "ltv" does not exist'), 'exec').message).toContain('"ltv"')
  })

  it.each([
    ['23505', 'data'],
    ['40001', 'conflict'],
    ['40003', 'unknown'],
    ['57P01', 'unknown'],
    ['53100', 'unknown'],
  ])('of a commit with %s are %s', (state, kind) => {
    expect(commitError(serverError(state))).toMatchObject({ kind })
  })

  it('of a commit without an answer are unknown', () => {
    expect(commitError(new Error('Connection terminated unexpectedly'))).toMatchObject({ kind: 'unknown' })
  })

  it.each([
    [serverError('28P01', 'password authentication failed for user "x"'), 'E-WH-AUTH', 'permission'],
    [serverError('3D000', 'database "x" does not exist'), 'E-WH-AUTH', 'permission'],
    [new Error('SASL: client password must be a string'), 'E-WH-AUTH', 'permission'],
    [serverError('53300', 'too many clients'), 'E-WH-CONNECT', 'transient'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'E-WH-CONNECT', 'transient'],
  ])('at login: %s', (error, code, kind) => {
    const known = connectError(error, 'db.example:5432/wh')
    expect(known).toMatchObject({ code, kind })
    expect(known.message).toContain('db.example:5432/wh')
  })
})
