/** Acceptance: companies that exist already are found by domain and never made twice, whoever else creates some meanwhile. */
import { afterEach, expect, test } from 'vitest'
import type { LiveProject } from '../../support/live-project.ts'
import { type Company, companiesOf, companyProject, KEY, quarantineOf } from './company-lab.ts'

const ROWS = 1_000
const domainOf = (n: number): string => `company-${n}.example`
const keyOf = (n: number): string => `W-${String(n).padStart(4, '0')}`

/** By the last digit of the row: what the portal holds before anything runs. */
const kindOf = (n: number): 'one' | 'two' | 'taken' | 'known' | 'none' =>
  (['one', 'one', 'one', 'two', 'taken', 'known', 'none', 'none', 'none', 'none'] as const)[n % 10] ?? 'none'

const numbers = Array.from({ length: ROWS }, (_, index) => index + 1)
const of = (kind: ReturnType<typeof kindOf>): number[] => numbers.filter((n) => kindOf(n) === kind)

let project: LiveProject | undefined
afterEach(() => project?.close())

async function preparedProject(): Promise<LiveProject> {
  const made = await companyProject(
    numbers.map((n) => ({
      company_id: keyOf(n),
      domain: n % 7 === 0 ? domainOf(n).toUpperCase() : domainOf(n),
      plan: 'core',
    })),
  )
  await made.control.putRecords('hubspot', 'companies', [
    ...of('one').map((n) => ({ domain: domainOf(n) })),
    ...of('two').flatMap((n) => [{ domain: domainOf(n) }, { domain: domainOf(n) }]),
    ...of('taken').map((n) => ({ domain: domainOf(n), [KEY]: `X-${n}` })),
    ...of('known').map((n) => ({ domain: domainOf(n), [KEY]: keyOf(n) })),
  ])
  return made
}

const link = (live: LiveProject) => live.cli('link', 'companies', '--by', 'domain', '-s', 'companies', '--apply')
const run = (live: LiveProject) => live.cli('run', '-s', 'companies')

const perDomain = (companies: readonly Company[]): Map<string, Company[]> => {
  const found = new Map<string, Company[]>()
  for (const company of companies) {
    const domain = (company.domain ?? '').toLowerCase()
    found.set(domain, [...(found.get(domain) ?? []), company])
  }
  return found
}

const inputs = (writes: readonly { body: unknown }[]): Record<string, unknown>[] =>
  writes.flatMap(({ body }) => (body as { inputs: Record<string, unknown>[] }).inputs)

test('acceptance 4: link and run three times, another user in between: no duplicate, ambiguous ones in quarantine, nothing new', async () => {
  project = await preparedProject()
  expect(await link(project)).toMatchObject({ exit: 0 })
  const linked = inputs(await project.takeWrites())
  expect(linked).toHaveLength(of('one').length)
  for (const input of linked) expect(Object.keys(input.properties as object)).toEqual([KEY])

  expect(await run(project)).toMatchObject({ exit: 0 })
  expect((await project.takeWrites()).every(({ path }) => path.endsWith('/batch/upsert'))).toBe(true)
  const companies = await companiesOf(project)
  const byDomain = perDomain(companies)
  for (const n of numbers) {
    const found = byDomain.get(domainOf(n)) ?? []
    expect(found, `${keyOf(n)} ${kindOf(n)}`).toHaveLength(kindOf(n) === 'two' ? 2 : 1)
    const key = { one: keyOf(n), known: keyOf(n), none: keyOf(n), taken: `X-${n}`, two: null }[kindOf(n)]
    expect(found.map((company) => company.key)).toEqual(found.map(() => key))
  }

  await project.control.putRecords(
    'hubspot',
    'companies',
    [1, 5, 6, 3].map((n) => ({ domain: domainOf(n) })),
  )
  for (const round of ['second', 'third']) {
    expect(await link(project), round).toMatchObject({ exit: 0 })
    expect(await run(project), round).toMatchObject({ exit: 0 })
    expect(await project.takeWrites(), round).toEqual([])
    expect(await companiesOf(project), round).toHaveLength(companies.length + 4)
  }

  for (const name of ['companies', 'companies__link']) {
    const waiting = await quarantineOf(project, name)
    expect(
      waiting.map(([key, rule]) => [key, rule]),
      name,
    ).toEqual(
      numbers.flatMap((n) => {
        const rule = { two: 'link_ambiguous', taken: 'link_taken', one: '', known: '', none: '' }[kindOf(n)]
        return rule === '' ? [] : [[keyOf(n), rule]]
      }),
    )
    for (const [key, rule, message] of waiting.filter(([key]) => key !== keyOf(3))) {
      const n = Number(key?.slice(2))
      const ids = (byDomain.get(domainOf(n)) ?? []).map((company) => company.id)
      for (const id of ids) expect(message, `${key}`).toContain(id)
      if (rule === 'link_taken') expect(message).toContain(`X-${n}`)
    }
  }
}, 240_000)
