import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadDriver } from '../../../runner/warehouse/load-driver.ts'

interface Fake {
  default: { made: string }
}

describe('loading an optional driver', () => {
  let project: string
  const missing = {
    name: 'no-such-driver',
    range: '^1.2.3',
    load: (): Promise<Fake> => import('no-such-driver' as string),
  }

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'backfeed-driver-'))
  })
  afterAll(() => rmSync(project, { recursive: true, force: true }))

  it('that is nowhere tells the line to type', async () => {
    await expect(loadDriver(missing, project)).rejects.toMatchObject({
      code: 'E-WH-DRIVER',
      exitCode: 2,
      problems: [{ help: 'npm install no-such-driver@^1.2.3' }],
    })
  })

  it('finds it in the project, whatever the runner was installed with', async () => {
    const folder = join(project, 'node_modules', 'no-such-driver')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'index.js'), `module.exports = { made: 'in the project' }`)
    const loaded = await loadDriver(missing, project)
    expect(loaded.default).toEqual({ made: 'in the project' })
  })

  it('does not call a driver missing when a part of it is', async () => {
    const load = (): Promise<Fake> =>
      Promise.reject(Object.assign(new Error(`Cannot find module 'its-native-part'`), { code: 'MODULE_NOT_FOUND' }))
    await expect(loadDriver({ name: 'pg', range: '^8', load }, project)).rejects.toThrow('its-native-part')
  })
})
