/** The SQL of every package model, per warehouse, for the worked example. Regenerate with `npm run golden`, and read the diff. */
import { describe, expect, test } from 'vitest'
import { renderAuditViews } from '../../runner/audit/views.ts'
import { compileModels } from '../../runner/compile/compile-models.ts'
import { packageDir } from '../../runner/package-dir.ts'
import { loadProject } from '../../runner/project/load-project.ts'
import type { Target } from '../../runner/project/project.ts'
import { compileSync } from '../../runner/sync/compile-sync.ts'
import { syncModel } from '../../runner/sync/open-session.ts'
import { isBuilt, warehouseAdapter, warehouseNames } from '../../runner/warehouse/registry.ts'

const project = loadProject({ dir: packageDir(), env: {} })
const built = warehouseNames.filter(isBuilt)

describe.each(built)('%s', (type) => {
  const target: Target = { name: 'golden', type, schema: 'backfeed', threads: 1, settings: {} }
  const { models, environment } = compileModels({
    project,
    target,
    dialectChain: warehouseAdapter(type).dialectChain,
    env: {},
    runStartedAt: '2000-01-01T00:00:00.000Z',
    invocationId: 'golden',
  })

  test.each([...project.syncs.values()].map((sync) => [sync.name, sync] as const))('sync %s', async (name, sync) => {
    const files = compileSync({ project, target, environment, model: syncModel({ project, target, models }, sync) }, sync)
    expect(files.length).toBeGreaterThan(10)
    for (const { path, sql } of files) await expect(sql).toMatchFileSnapshot(`${type}/${path}`, `${name}: ${path}`)
  })

  test('audit views', async () => {
    const views = renderAuditViews({ environment, schema: 'backfeed', auditSchema: 'backfeed_audit', target: { name: target.name, type } })
    for (const { view, sql } of views) await expect(`${sql.trim()}\n`).toMatchFileSnapshot(`${type}/audit/${view}.sql`)
  })
})
