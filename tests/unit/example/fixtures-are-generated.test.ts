import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SEEDS = new URL('../../../seeds/', import.meta.url).pathname

test('the committed fixtures are what their generator writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-seeds-'))
  try {
    expect(spawnSync(process.execPath, [join(SEEDS, 'generate.mjs'), folder]).status).toBe(0)
    const files = [
      ...readdirSync(folder).filter((name) => name.endsWith('.csv')),
      ...readdirSync(join(folder, 'crm')).map((name) => `crm/${name}`),
    ]
    expect(files).toHaveLength(13)
    for (const file of files)
      expect(readFileSync(join(SEEDS, file), 'utf8') === readFileSync(join(folder, file), 'utf8'), file).toBe(true)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
