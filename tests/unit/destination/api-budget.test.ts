import { expect, test } from 'vitest'
import { apiBudget, type CountedCalls } from '../../../runner/destination/pacing/api-budget.ts'
import { parseLimitInfo } from '../../../runner/destination/salesforce/limit-info.ts'

const place: CountedCalls = {
  place: () => ({ crm: 'Salesforce', host: 'acme.my.salesforce.com' }),
  period: 'the last 24 hours',
  again: () => 'tomorrow',
}

test.each<[string | undefined, { used: number; max: number } | undefined]>([
  ['api-usage=10018/100000', { used: 10018, max: 100000 }],
  ['api-usage=5/100; api-bursts=1/750', { used: 5, max: 100 }],
  ['api-bursts=1/750; api-usage=5/100', { used: 5, max: 100 }],
  ['per-app-api-usage=17/250(appName=x); api-usage=5/100', { used: 5, max: 100 }],
  ['api-usage=5/100; per-app-api-usage=17/250(appName=api-usage=1/2)', { used: 5, max: 100 }],
  ['API-Usage = 5 / 100', { used: 5, max: 100 }],
  ['per-app-api-usage=17/250(appName=x)', undefined],
  ['api-usage=many/100', undefined],
  ['', undefined],
  [undefined, undefined],
])('the header %j', (header, expected) => {
  expect(parseLimitInfo(header)).toEqual(expected)
})

test('a share of the day: the call that would go beyond it is not made', () => {
  const budget = apiBudget({ percent: 20 }, place)
  budget.take()
  budget.settle({ used: 199, max: 1000 })
  expect(budget.usage()).toEqual({ used: 199, max: 1000, allowed: 200, remaining: 1 })
  budget.take()
  expect(() => budget.take()).toThrow(
    /199 of 1000 API calls of the last 24 hours are used, and daily_api_budget 20% ends at 200/,
  )
  budget.settle({ used: 200, max: 1000 })
  expect(() => budget.take()).toThrow(expect.objectContaining({ code: 'E-CRM-QUOTA', exitCode: 75 }))
})

test('calls of others count, and calls that drop out of the day give room again', () => {
  const budget = apiBudget({ count: 50 }, place)
  budget.take()
  budget.settle({ used: 900, max: 1000 })
  expect(() => budget.take()).toThrow('ends at 50')
  budget.learn({ used: 10, max: 1000 })
  budget.take()
})

test('a count beyond the day is the day; no budget keeps no reserve', () => {
  const counted = apiBudget({ count: 5000 }, place)
  counted.learn({ used: 10, max: 1000 })
  expect(counted.usage()).toMatchObject({ allowed: 1000, remaining: 990 })
  const none = apiBudget(undefined, place)
  none.learn({ used: 1000, max: 1000 })
  none.take()
  expect(none.usage()).toMatchObject({ remaining: 0 })
})

test('an answer without the header leaves the last count standing', () => {
  const budget = apiBudget({ percent: 50 }, place)
  expect(budget.usage()).toBeUndefined()
  budget.take()
  budget.settle({ used: 1, max: 10 })
  budget.take()
  budget.settle(undefined)
  expect(budget.usage()).toMatchObject({ used: 1 })
})
