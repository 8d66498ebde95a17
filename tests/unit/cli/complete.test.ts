import { describe, expect, test } from 'vitest'
import { completeWords } from '../../../runner/commands/complete.ts'

const names = async () => ({
  syncs: ['hubspot_companies', 'salesforce_accounts'],
  models: ['crm_accounts'],
  seeds: ['customer_dim'],
  targets: ['dev', 'prod'],
})

describe('TAB', () => {
  test.each([
    [['pl'], ['plan']],
    [
      ['history', ''],
      ['row', 'runs', 'field', 'config'],
    ],
    [['hist'], ['history']],
    [['plan', '--sh'], ['--show-values']],
    [
      ['plan', '--output', ''],
      ['text', 'json', 'markdown'],
    ],
    [
      ['plan', '-s', ''],
      ['hubspot_companies', 'salesforce_accounts', 'crm_accounts', 'customer_dim'],
    ],
    [['plan', '-t', 'dev', '-s', 'cu'], ['customer_dim']],
    [['history', 'row', 'h'], ['hubspot_companies']],
    [['history', 'row', 'hubspot_companies', ''], []],
    [['run', '--target', 'p'], ['prod']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['nonsense', ''], []],
    [
      ['audit', ''],
      ['check', 'verify', 'purge', 'grants'],
    ],
    [['docs', ''], []],
  ])('after %j offers %j', async (words, expected) => {
    const lines = await completeWords(words, names)
    expect(lines.map((line) => line.split('\t')[0])).toEqual(expected)
  })

  test('asks for names only where they fit', async () => {
    const never = async () => {
      throw new TypeError('not needed')
    }
    expect(await completeWords(['plan', '--det'], never)).toHaveLength(1)
    await expect(completeWords(['plan', '-s', ''], never)).rejects.toThrow('not needed')
  })
})
