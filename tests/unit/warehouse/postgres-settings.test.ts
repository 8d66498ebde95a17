import { describe, expect, it } from 'vitest'
import { Secret } from '../../../runner/project/secret.ts'
import { postgresConnection } from '../../../runner/warehouse/postgres-settings.ts'

describe('Postgres settings', () => {
  it('become a client configuration; dbname is database', () => {
    const made = postgresConnection({ host: 'db', port: 5433, user: 'u', password: new Secret('p'), dbname: 'wh' })
    expect(made.client).toMatchObject({ host: 'db', port: 5433, user: 'u', password: 'p', database: 'wh' })
    expect(made).toMatchObject({ endpoint: 'db:5433/wh', threads: 4 })
  })

  it('from a url are decoded, and the endpoint has no password', () => {
    const made = postgresConnection({
      url: new Secret('postgres://u%40x:p%2Fw@[::1]:5433/my%20db?sslmode=verify-full'),
    })
    expect(made.client).toMatchObject({ host: '::1', port: 5433, user: 'u@x', password: 'p/w', database: 'my db' })
    expect(made.client.ssl).toEqual({ rejectUnauthorized: true })
    expect(made.endpoint).toBe('::1:5433/my db')
  })

  it.each([
    [{ url: 'postgres://h/d', host: 'h' }, /either url or host, not both/],
    [{ url: 'mysql://h/d' }, /postgres:\/\//],
    [{ url: 'not a url' }, /is not a URL/],
    [{ url: 'postgres://h/d?options=-c%20x' }, /not supported: options/],
    [{ sslmode: 'prefer' }, /sslmode "prefer" is not supported; use one of: disable, require/],
  ])('%o are refused', (settings, message) => {
    expect(() => postgresConnection(settings)).toThrow(message)
    expect(() => postgresConnection(settings)).toThrow(/^E-CFG-VALUE/)
  })
})
