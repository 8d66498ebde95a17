import { expect, test } from 'vitest'
import { z } from 'zod'
import { projectYaml } from '../support/live-project.ts'
import { recordingProxy } from '../support/recording-proxy.ts'
import { accountsModel, CUSTOMERS, smallSync } from './small-sync.ts'

const planLine = z.object({
  syncs: z.array(
    z.object({
      predicted: z.object({
        requests: z.array(z.object({ method: z.string(), path: z.string(), rows: z.number(), sha256: z.string() })),
      }),
    }),
  ),
})

test('plan shows exactly what run sends: count, order and bytes of every write request', async () => {
  const many = Array.from({ length: 450 }, (_, n) => ({
    ...CUSTOMERS[0],
    customer_id: `C-${n}`,
    company_name: `Company "${n}" é\u2028`,
  }))
  const project = await smallSync(many, { more: ['guards: {max_creates: 100%}', 'limits: {concurrency: 1}'] })
  const proxy = await recordingProxy(project.crmUrl)
  try {
    project.write('project.yml', projectYaml(proxy.url))
    const planned = await project.cli('plan', '--output', 'json')
    const [sync] = planLine.parse(planned.json).syncs
    const predicted = sync?.predicted.requests ?? []
    expect(predicted.map((request) => request.rows)).toEqual([25, 200, 200, 25])

    proxy.requests.length = 0
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    const sent = proxy.requests.filter((request) => request.path.includes('/composite/sobjects/'))
    expect(sent).toEqual(predicted.map(({ method, path, sha256 }) => ({ method, path, sha256 })))

    project.write('models/accounts.sql', accountsModel(many))
    proxy.requests.length = 0
    await project.cli('run')
    expect(proxy.requests.filter((request) => request.method === 'PATCH')).toEqual([])
  } finally {
    await proxy.close()
    await project.close()
  }
})
