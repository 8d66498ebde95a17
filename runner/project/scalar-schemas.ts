/** The small value types that project, sync and property files share. Validation only: normalising happens in build-*.ts. */
import { z } from 'zod'
import type { Limit } from './project.ts'

/** Facts a schema attaches to a custom issue, read by explain-issues.ts. */
export interface IssueParams {
  code: `E-${string}`
  help?: string
  hint?: string
  /** Point at the key instead of the value. */
  onKey?: boolean
}

export function issueParams(params: IssueParams): Record<string, unknown> {
  return { ...params }
}

/** A key that is part of the format but whose feature is not built: refused by name, never ignored. */
export function later(description: string): z.ZodOptional<z.ZodUnknown> {
  return z
    .unknown()
    .superRefine((value, ctx) => {
      if (value === undefined) return
      ctx.addIssue({ code: 'custom', message: NOT_YET, params: issueParams({ code: 'E-CFG-NOTYET', onKey: true }) })
    })
    .describe(`${description} (not supported yet)`)
    .optional() as z.ZodOptional<z.ZodUnknown>
}

/** Replaced by "`<path>` is not supported yet", because a schema does not know under which key it stands. */
export const NOT_YET = 'not supported yet'

function pattern(expression: RegExp, words: { code: `E-${string}`; what: string; wrong?: string }): z.ZodString {
  return z.string().superRefine((value, ctx) => {
    if (expression.test(value)) return
    const params = issueParams({ code: words.code, hint: words.what })
    ctx.addIssue({
      code: 'custom',
      message: `"${shorten(value)}" ${words.wrong ?? 'cannot be used as a name'}`,
      params,
    })
  })
}

export function shorten(value: string): string {
  return value.length > 60 ? `${value.slice(0, 57)}…` : value
}

export const resourceName = pattern(/^[a-z_][a-z0-9_]{0,59}$/, {
  code: 'E-CFG-NAME',
  what: 'only a–z, 0–9 and _, not starting with a digit, at most 60 characters',
})

/** Shorter than other names: tables are called after the sync, and Postgres cuts identifiers at 63 characters. */
export const syncName = pattern(/^[a-z_][a-z0-9_]{0,44}$/, {
  code: 'E-CFG-NAME',
  what: 'only a–z, 0–9 and _, not starting with a digit, at most 45 characters',
})

export const columnName = pattern(/^[A-Za-z_][A-Za-z0-9_$]{0,126}$/, {
  code: 'E-CFG-NAME',
  what: 'a column name: letters, digits, _ and $, not starting with a digit',
})

/** Salesforce API names and HubSpot names (`companies`, `2-1234567`, `p123_car`). */
export const crmName = pattern(/^[A-Za-z0-9][A-Za-z0-9_-]{0,119}$/, {
  code: 'E-CFG-NAME',
  what: 'an API name of the CRM: letters, digits, _ and -',
})

export const schemaName = pattern(/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/, {
  code: 'E-CFG-NAME',
  what: 'a schema name: letters, digits, _ and $, not starting with a digit',
})

const scalarExpected = 'must be text, a number, true or false'
export const scalar = z.union([z.string(), z.number(), z.boolean()], { error: scalarExpected })

export const limit = z
  .union([z.string(), z.number()], { error: 'must be a share like 20% or a count like 500' })
  .superRefine((value, ctx) => {
    const parsed = parseLimit(value)
    if (typeof parsed !== 'string') return
    ctx.addIssue({
      code: 'custom',
      message: parsed,
      params: issueParams({ code: 'E-CFG-VALUE', hint: 'write a share like 20% or a whole count like 500' }),
    })
  })

/** A limit, or what is wrong with it. A fraction is refused because 0.2 could mean 20 % or nothing at all. */
export function parseLimit(value: string | number): Limit | string {
  const text = String(value).trim()
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1]
  if (percent !== undefined) {
    return Number(percent) <= 100 ? { percent: Number(percent) } : `${text} is more than 100 %`
  }
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return { count: Number(text) }
  return `"${shorten(text)}" is neither a share nor a count`
}

export const duration = pattern(/^[1-9]\d{0,5}[smhd]$/, {
  code: 'E-CFG-VALUE',
  what: 'write a duration like 15m, 1h or 1d',
  wrong: 'is not a duration',
})

export const count = z.int({ error: 'must be a whole number' }).min(0)
export const positive = z.int({ error: 'must be a whole number' }).min(1)
export const text = z.string()
export const names = z.array(z.string())

export const approvalRule = z.enum(['never', 'first_run', 'always'])
