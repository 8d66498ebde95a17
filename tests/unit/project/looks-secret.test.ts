import { describe, expect, it } from 'vitest'
import { isSecretKey, maskSecrets, secretKind } from '../../../runner/project/looks-secret.ts'

/** Made up, and put together here so that no scanner takes them for real ones. */
const x = (length: number, alphabet = 'aB3dE6gH9') => alphabet.repeat(20).slice(0, length)
const TOKENS: readonly [string, string][] = [
  ['Salesforce session id', `00D5f000000${x(4)}!AQ4${x(30)}`],
  ['Salesforce consumer key', `3MVG9${x(60)}`],
  ['Salesforce refresh token', `5Aep${x(60)}`],
  ['HubSpot private app token', 'pat-na1-01234567-89ab-cdef-0123-456789abcdef'],
  ['HubSpot private app token', 'pat-eu1-01234567-89AB-cdef-0123-456789abcdef'],
  ['JSON web token', `eyJ${x(20)}.eyJ${x(30)}.${x(20)}`],
  ['API secret key', `sk_live_${x(24)}`],
  ['API secret key', `sk-${x(40)}`],
  ['AWS access key', `AKIA${'ABCDEFGHIJ234567'}`],
  ['GitHub token', `ghp_${x(36)}`],
  ['GitHub token', `github_pat_${x(40)}`],
  ['Slack token', `xoxb-${x(20)}`],
  ['Slack webhook', `https://hooks.slack.com/services/T00/B00/${x(12)}`],
  ['Google API key', `AIza${x(35)}`],
  ['Databricks token', `dapi${'0123456789abcdef'.repeat(2)}`],
  ['private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE'],
  ['private key', '-----BEGIN PRIVATE KEY-----'],
  ['password in a URL', 'postgres://user:hunter2@db.example/x'],
]

describe('literals that look like tokens', () => {
  it.each(TOKENS)('%s: %s', (kind, token) => {
    expect(secretKind(token)).toBe(kind)
    expect(secretKind(`prefix ${token} suffix`)).toBe(kind)
    const masked = maskSecrets(`key: ${token}, other: 1`)
    expect(masked).not.toContain(token)
    expect(masked).toHaveLength(`key: ${token}, other: 1`.length)
  })

  it.each([
    'Customer_Id__c',
    '00D000000000001AAA',
    'https://harbour.my.salesforce.com',
    "{{ env_var('SF_TOKEN') }}",
    "postgres://{{ env_var('U') }}:{{ env_var('P') }}@db.example/x",
    'risk_score_sk-alpha',
    'a description of pat-terns and dapi',
    'crm_accounts',
    'revops-data@acme.example',
  ])('not: %s', (text) => {
    expect(secretKind(text)).toBeUndefined()
    expect(maskSecrets(text)).toBe(text)
  })

  it('wraps the values of telling keys', () => {
    for (const key of ['password', 'access_token', 'client_secret', 'private_key', 'db_password', 'token'])
      expect(isSecretKey(key), key).toBe(true)
    for (const key of ['private_key_file', 'user', 'tokens', 'path', 'client_id'])
      expect(isSecretKey(key), key).toBe(false)
  })
})
