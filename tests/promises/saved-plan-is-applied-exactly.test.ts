import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { projectYaml } from '../support/live-project.ts'
import { recordingProxy } from '../support/recording-proxy.ts'
import { accountsModel, CUSTOMERS, smallSync } from './small-sync.ts'

const planFile = z.object({
  syncs: z.array(
    z.object({
      predicted: z.object({
        requests: z.array(z.object({ method: z.string(), path: z.string(), rows: z.number(), sha256: z.string() })),
      }),
    }),
  ),
})

test('a saved plan is applied exactly, byte for byte, or refused with the reason', { timeout: 240_000 }, async () => {
  const many = Array.from({ length: 450 }, (_, n) => ({
    ...CUSTOMERS[0],
    customer_id: `C-${n}`,
    company_name: `Company "${n}" é\u2028`,
    ltv: '77123.45',
  }))
  const project = await smallSync(many, { more: ['guards: {max_creates: 100%}', 'limits: {concurrency: 1}'] })
  const proxy = await recordingProxy(project.crmUrl)
  const writes = () => proxy.requests.filter((request) => request.path.includes('/composite/sobjects/'))
  try {
    project.write('project.yml', projectYaml(proxy.url))
    expect(await project.cli('plan', '--out', 'stale.json', '--show-values')).toMatchObject({ exit: 0 })
    const newer = [{ ...many[0], ltv: '1.00' }, ...many.slice(1)]
    project.write('models/accounts.sql', accountsModel(newer))
    const refused = await project.cli('apply', 'stale.json', '--output', 'json')
    expect(refused).toMatchObject({ exit: 3, json: { problems: [{ code: 'E-PLAN-STALE' }] } })
    expect(refused.stderr).toContain('the source changed since the plan: 1 of 450 planned rows are different')
    expect(writes()).toEqual([])

    expect(await project.cli('plan', '--out', 'plan.json')).toMatchObject({ exit: 0 })
    const text = readFileSync(join(project.dir, 'plan.json'), 'utf8')
    for (const value of ['77123', 'Company', 'C-42']) expect(text).not.toContain(value)
    const [sync] = planFile.parse(JSON.parse(text)).syncs
    const predicted = sync?.predicted.requests ?? []
    expect(predicted.map((request) => request.rows)).toEqual([25, 200, 200, 25])
    expect(await project.cli('apply', 'plan.json')).toMatchObject({ exit: 0 })
    expect(writes()).toEqual(predicted.map(({ method, path, sha256 }) => ({ method, path, sha256 })))

    proxy.requests.length = 0
    expect((await project.cli('apply', 'plan.json')).stderr).toContain('the plan was already applied by run_')
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    expect(writes()).toEqual([])
  } finally {
    await proxy.close()
    await project.close()
  }
})
