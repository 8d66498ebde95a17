/** Which packages a verb loads, seen from inside: the compiled CLI run with a hook that lists what was resolved. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { builtCli, cleanEnvironment, runCli } from '../../support/built-cli.ts'

const dir = mkdtempSync(join(tmpdir(), 'backfeed-modules-'))
const hook = join(dir, 'hook.mjs')
let cli = ''

// ES modules are seen by a resolve hook in its own thread, which appends to a file; CommonJS by the require cache.
writeFileSync(
  join(dir, 'resolve.mjs'),
  `import { appendFileSync } from 'node:fs'
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context)
  appendFileSync(process.env.MODULE_LIST, found.url + '\\n')
  return found
}
`,
)
writeFileSync(
  hook,
  `import { appendFileSync } from 'node:fs'
import { createRequire, register } from 'node:module'
register('./resolve.mjs', import.meta.url)
const { cache } = createRequire(import.meta.url)
process.on('exit', () => appendFileSync(process.env.MODULE_LIST, Object.keys(cache).map((path) => path + '\\n').join('')))
`,
)

beforeAll(async () => {
  cli = await builtCli()
  await runCli(['init', 'project'], { cwd: dir })
})

function packagesOf(args: readonly string[]): string[] {
  const list = join(dir, `${args.join('-').replace(/[^a-z-]/g, '')}.txt`)
  writeFileSync(list, '')
  const result = spawnSync(process.execPath, ['--import', hook, cli, ...args], {
    cwd: join(dir, 'project'),
    env: cleanEnvironment({ MODULE_LIST: list }),
    encoding: 'utf8',
  })
  expect({ args, code: result.status, stderr: result.status === 0 ? '' : result.stderr }).toMatchObject({ code: 0 })
  const paths = readFileSync(list, 'utf8').split('\n')
  const names = paths.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
  return [...new Set(names)].sort()
}

const HEAVY = /^(@duckdb|pg$|pg-|jsforce|@hubspot|snowflake|@google-cloud|@databricks)/

describe('modules', () => {
  test('help and version load no package at all', () => {
    expect(packagesOf(['--help'])).toEqual([])
    expect(packagesOf(['--version'])).toEqual([])
  })

  test('explain loads no template engine, no schema library, no YAML', () => {
    const names = packagesOf(['explain', 'E-CFG-VALUE'])
    expect(names).toContain('yargs')
    for (const unwanted of ['nunjucks', 'zod', 'yaml']) expect(names).not.toContain(unwanted)
    expect(names.filter((name) => HEAVY.test(name))).toEqual([])
  })

  test.each([['ls'], ['parse'], ['compile']])('%s loads no driver and no CRM client', (verb) => {
    const names = packagesOf([verb])
    expect(names).toContain('yaml')
    expect(names.filter((name) => HEAVY.test(name))).toEqual([])
  })

  test('the hook does see a driver where one is loaded', () => {
    expect(packagesOf(['debug', '--offline'])).not.toContain('@duckdb/node-api')
    expect(packagesOf(['status'])).toContain('@duckdb/node-api')
  })
})
