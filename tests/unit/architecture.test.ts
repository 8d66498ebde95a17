/**
 * The walls of DESIGN section 3, checked by reading source text: import specifiers, line counts, braces and
 * parameter lists. Strings, template texts, regular expressions and comments are blanked out first (source-text.ts);
 * types are not understood, so a function type or an overload is measured like any other text with a parameter list.
 */
import { describe, expect, test } from 'vitest'
import { measureFunctions } from '../support/measure-functions.ts'
import { importsOf, readSources, type Source } from '../support/source-text.ts'

const runner = readSources('runner')
const emulator = readSources('emulator')
const all = [...runner, ...emulator]

/** Each layer may import itself and those listed. `output` only renders; `base` is errors, log, ports and their kin. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: ['base'],
  project: ['project', 'base'],
  output: ['output', 'project', 'base'],
  compile: ['compile', 'project', 'warehouse', 'destination', 'base'],
  warehouse: ['warehouse', 'project', 'base'],
  destination: ['destination', 'project', 'base'],
  audit: ['audit', 'compile', 'warehouse', 'project', 'base', 'output'],
  sync: ['sync', 'compile', 'warehouse', 'destination', 'audit', 'project', 'base', 'output'],
  commands: ['commands', 'sync', 'compile', 'warehouse', 'destination', 'audit', 'project', 'base', 'output'],
  entry: ['commands'],
}

/** Types only, in both directions of a seam: a target's settings are declared where they are used. */
const TYPE_ONLY: readonly string[] = ['project -> warehouse']

function layerOf(file: string): string {
  if (file === 'runner/cli.ts') return 'entry'
  if (/^runner\/(render-problems|explain-code|explain\/.*)\.ts$/.test(file)) return 'output'
  const folder = /^runner\/([^/]+)\//.exec(file)?.[1]
  return folder ?? 'base'
}

/** SDKs and the only files that may import them. Everything else of npm must be in LIGHT. */
const SDK_IMPORTERS: Readonly<Record<string, RegExp>> = {
  '@duckdb/node-api': /^runner\/warehouse\/[\w-]+\.ts$/,
  pg: /^runner\/warehouse\/[\w-]+\.ts$/,
  jsforce: /^runner\/destination\/salesforce\/[\w-]+\.ts$/,
  '@hubspot/api-client': /^runner\/destination\/hubspot\/[\w-]+\.ts$/,
  nunjucks: /^runner\/compile\/[\w-]+\.ts$/,
  yargs: /^runner\/commands\/parse-arguments\.ts$/,
}

const LIGHT = new Set(['zod', 'yaml', 'csv-parse', 'csv-parse/sync'])

const violations = (sources: readonly Source[], find: (source: Source) => string[]): string[] =>
  sources.flatMap((source) => find(source).map((what) => `${source.file}: ${what}`))

describe('imports', () => {
  test('go down the layers only', () => {
    const found = violations(runner, (source) => {
      const from = layerOf(source.file)
      return importsOf(source).flatMap(({ path, typeOnly }) => {
        if (path === undefined || !path.startsWith('runner/')) return []
        const to = layerOf(path)
        if (typeOnly && TYPE_ONLY.includes(`${from} -> ${to}`)) return []
        return LAYERS[from]?.includes(to) === true ? [] : [`${from} imports ${to} (${path})`]
      })
    })
    expect(found).toEqual([])
  })

  test('keep emulator and runner apart, but for two commands that load it lazily', () => {
    const lazily = new Set(['runner/commands/emulator.ts', 'runner/commands/start-demo-emulator.ts'])
    const found = violations(all, (source) =>
      importsOf(source).flatMap(({ path, dynamic }) => {
        if (path === undefined) return []
        if (source.file.startsWith('emulator/')) return path.startsWith('emulator/') ? [] : [`imports ${path}`]
        if (!path.startsWith('emulator/')) return []
        return dynamic && lazily.has(source.file) ? [] : [`imports ${path}`]
      }),
    )
    expect(found).toEqual([])
  })

  test('reach each SDK from its one folder, by dynamic import or as types', () => {
    const importers = new Map<string, Set<string>>()
    const found = violations(all, (source) =>
      importsOf(source).flatMap(({ specifier, path, dynamic, typeOnly }) => {
        if (path !== undefined || specifier.startsWith('node:') || LIGHT.has(specifier)) return []
        const sdk = Object.keys(SDK_IMPORTERS).find((name) => specifier === name || specifier.startsWith(`${name}/`))
        if (sdk === undefined) return [`imports the unknown package ${specifier}`]
        if (SDK_IMPORTERS[sdk]?.test(source.file) !== true) return [`imports ${specifier}`]
        if (typeOnly) return []
        importers.set(sdk, (importers.get(sdk) ?? new Set()).add(source.file))
        const behindDynamic = sdk === 'yargs' || sdk === 'nunjucks'
        return dynamic || behindDynamic ? [] : [`imports ${specifier} statically`]
      }),
    )
    const several = [...importers]
      .filter(([, files]) => files.size > 1)
      .map(([sdk, files]) => `${sdk}: ${[...files].join(', ')}`)
    expect({ found, several }).toEqual({ found: [], several: [] })
  })

  test('have no barrel, no default export, and .ts endings', () => {
    const found = violations(all, (source) => [
      ...(/^export\s*(\*|\{[^}]*\}|type\s*\{[^}]*\})\s*from\b/m.test(source.code) ? ['re-exports'] : []),
      ...(/^export\s+default\b/m.test(source.code) ? ['has a default export'] : []),
      ...importsOf(source).flatMap(({ specifier, path }) =>
        path !== undefined && !/\.(ts|json)$/.test(specifier) ? [specifier] : [],
      ),
    ])
    expect(found).toEqual([])
  })
})

describe('budgets', () => {
  test('a file has at most 300 lines', () => {
    expect(violations(all, ({ text }) => (lines(text) > 300 ? [`${lines(text)} lines`] : []))).toEqual([])
  })

  test('a function has at most 60 lines and 3 parameters', () => {
    // Signatures that somebody else dictates: the Warehouse seam, and Nunjucks's compiled code calling its runtime.
    const dictated = /^runner\/(warehouse\/managed-warehouse|compile\/sandbox-runtime)\.ts$/
    const found = violations(all, (source) =>
      measureFunctions(source.code).flatMap((f) => [
        ...(f.lines > 60 ? [`${f.name} (line ${f.line}) has ${f.lines} lines`] : []),
        ...(f.parameters > 3 && !dictated.test(source.file)
          ? [`${f.name} (line ${f.line}) has ${f.parameters} parameters`]
          : []),
      ]),
    )
    expect(found).toEqual([])
  })
})

describe('code', () => {
  test('has no any, no bare Error in the runner, no process.exit beyond the entry', () => {
    const found = violations(all, ({ file, code }) => [
      ...(/(:|\bas|<|\|)\s*any\b/.test(code) ? ['any'] : []),
      ...(file.startsWith('runner/') && /\bnew\s+Error\s*\(/.test(code) ? ['a bare Error'] : []),
      ...(!['runner/cli.ts', 'runner/ports.ts'].includes(file) && /\bprocess\.exit\s*\(/.test(code)
        ? ['process.exit']
        : []),
      ...(/@ts-(ignore|nocheck)/.test(code) ? ['ts-ignore'] : []),
    ])
    expect(found).toEqual([])
  })

  test('is named after what it exports', () => {
    const found = violations(all, ({ file }) => {
      const name = file.split('/').at(-1)?.replace(/\.ts$/, '') ?? ''
      return [
        ...(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? [] : ['is not kebab-case']),
        ...(['utils', 'util', 'helpers', 'common', 'manager', 'misc', 'index'].includes(name)
          ? ['has no name of its own']
          : []),
      ]
    })
    expect(found).toEqual([])
  })
})

function lines(text: string): number {
  return text.replace(/\n$/, '').split('\n').length
}
