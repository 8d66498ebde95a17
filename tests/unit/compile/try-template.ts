import { readFileSync } from 'node:fs'
import type { TemplateEnvironment, TemplateEnvironmentOptions } from '../../../runner/compile/compile.ts'
import { createTemplateEnvironment } from '../../../runner/compile/environment.ts'
import type { SandboxLimits } from '../../../runner/compile/sandbox.ts'
import { BackfeedError, type Problem } from '../../../runner/errors.ts'

export const target = { name: 'dev', type: 'duckdb', schema: 'backfeed', audit_schema: 'backfeed_audit' } as const

export function fixture(name: string, file = `backfeed:macros/${name}`): { file: string; text: string } {
  return { file, text: readFileSync(new URL(`../../fixtures/templates/${name}`, import.meta.url), 'utf8') }
}

export function environmentOf(
  options: Partial<TemplateEnvironmentOptions> = {},
  limits?: SandboxLimits,
): TemplateEnvironment {
  return createTemplateEnvironment(
    {
      packageMacros: [fixture('standardize/email.sql'), fixture('policies.sql')],
      projectMacros: [],
      dialectFiles: [fixture('dialect/default.sql'), fixture('dialect/duckdb.sql')],
      resolve: { ref: (name) => `backfeed.${name}`, source: (source, table) => `${source}.${table}` },
      vars: { limit: 5, thresholds: { high: 90 } },
      env: { REGION: 'eu' },
      runStartedAt: '2026-11-22T10:00:00Z',
      invocationId: 'i-1',
      ...options,
    },
    limits,
  )
}

/** Render text as the model models/m.sql. */
export function render(text: string, options: Partial<TemplateEnvironmentOptions> = {}): string {
  return environmentOf(options).render({ file: 'models/m.sql', text, context: { target, this: 'backfeed.m' } }).sql
}

/** The problems of what throws; fails when nothing is thrown or something else is. */
export function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run()
  } catch (error) {
    if (error instanceof BackfeedError) return error.problems
    throw error
  }
  throw new Error('nothing was thrown')
}

/** `E-TPL-UNDEF models/m.sql:1:4 message (hint)` of every problem. */
export function told(run: () => unknown): string[] {
  return problemsOf(run).map(({ code, at, message, hint }) => {
    const place = at === undefined ? '-' : `${at.file}:${at.line}:${at.column}`
    return `${code} ${place} ${message}${hint === undefined ? '' : ` (${hint})`}`
  })
}
