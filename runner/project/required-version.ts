/** `require-backfeed-version: ">=0.1.0 <0.2.0"`: comparators that must all hold for the version of this package. */
import { readFileSync } from 'node:fs'
import type { LoadContext } from './load-context.ts'
import type { Tree } from './places.ts'

const KEY = 'require-backfeed-version'

export function checkRequiredVersion(root: Tree, context: LoadContext): void {
  const range = root[KEY]
  if (typeof range !== 'string') return
  const at = context.places.at(root, [KEY])
  const version = packageVersion()
  const fits = satisfies(version, range)
  if (fits === true) return
  const message =
    fits === undefined
      ? `"${range}" is not a range of versions`
      : `the project needs Backfeed ${range}, this is ${version}`
  const help = fits === undefined ? 'write comparators like ">=0.1.0 <0.2.0"' : `npm install "backfeed@${range}"`
  context.problems.add({ code: 'E-CFG-VERSION', message, at, help })
}

/** Undefined when the range cannot be read. */
export function satisfies(version: string, range: string): boolean | undefined {
  const comparators = range.trim().split(/\s*,\s*|\s+/)
  const results = comparators.map((comparator) => {
    const [, operator = '=', wanted = ''] = /^(>=|<=|>|<|=)?(\d+\.\d+\.\d+)$/.exec(comparator) ?? []
    return wanted === '' ? undefined : holds(compareVersions(version, wanted), operator)
  })
  return results.includes(undefined) ? undefined : results.every((held) => held === true)
}

function holds(order: number, operator: string): boolean {
  if (operator === '>=') return order >= 0
  if (operator === '<=') return order <= 0
  if (operator === '>') return order > 0
  return operator === '<' ? order < 0 : order === 0
}

function compareVersions(a: string, b: string): number {
  const left = a.split(/[.-]/).map(Number)
  const right = b.split(/[.-]/).map(Number)
  const difference = [0, 1, 2].map((i) => (left[i] ?? 0) - (right[i] ?? 0)).find((d) => d !== 0)
  return difference ?? 0
}

/** package.json is two folders up from the source and three from dist/. */
function packageVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'))
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version)
    } catch {
      // Not there: the next place.
    }
  }
  return '0.0.0'
}
