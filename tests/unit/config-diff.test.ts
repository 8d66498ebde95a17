import { expect, test } from 'vitest'
import { configDiff } from '../../runner/audit/config-diff.ts'

test('settings that changed, appeared or went away, by name and not by place', () => {
  const before = {
    mode: 'upsert',
    fields: [
      { to: 'Plan__c', from: 'plan', on_null: 'ignore' },
      { to: 'Old__c', from: 'old' },
    ],
    tags: ['crm'],
  }
  const after = {
    mode: 'upsert',
    fields: [
      { to: 'New__c', from: 'new' },
      { to: 'Plan__c', from: 'plan', on_null: 'clear' },
    ],
    tags: ['crm', 'daily'],
    guards: { max_creates: '5%' },
  }
  expect(configDiff(JSON.stringify(before), JSON.stringify(after))).toEqual([
    { setting: 'fields[New__c].from', before: null, after: 'new' },
    { setting: 'fields[New__c].to', before: null, after: 'New__c' },
    { setting: 'fields[Old__c].from', before: 'old', after: null },
    { setting: 'fields[Old__c].to', before: 'Old__c', after: null },
    { setting: 'fields[Plan__c].on_null', before: 'ignore', after: 'clear' },
    { setting: 'guards.max_creates', before: null, after: '5%' },
    { setting: 'tags', before: '["crm"]', after: '["crm","daily"]' },
  ])
  expect(configDiff(JSON.stringify(before), JSON.stringify(before))).toEqual([])
})
