/** `rollout:` of the sync file. */
import { z } from 'zod'
import { issueParams, parseLimit, positive, resourceName, scalar, text } from './scalar-schemas.ts'

const share = (what: string) =>
  z.union([z.string(), z.number()], { error: 'must be a share like 10%' }).superRefine((value, ctx) => {
    const parsed = parseLimit(value)
    if (typeof parsed === 'object' && 'percent' in parsed) return
    const params = issueParams({ code: 'E-CFG-VALUE', hint: what })
    ctx.addIssue({ code: 'custom', message: `"${String(value).slice(0, 60)}" is not a share`, params })
  })

const sample = share('write a share like 10% or 0.5%').superRefine((value, ctx) => {
  const parsed = parseLimit(value)
  if (typeof parsed !== 'object' || !('percent' in parsed)) return
  const buckets = parsed.percent * 100
  if (buckets >= 1 && Math.abs(buckets - Math.round(buckets)) < 1e-9) return
  const params = issueParams({ code: 'E-CFG-VALUE', hint: 'from 0.01% to 100%, with two places at most' })
  ctx.addIssue({ code: 'custom', message: 'no sample can be taken of this share', params })
})

const phase = z.strictObject({
  name: resourceName.describe('Name of the phase'),
  where: text.min(1).optional().describe('SQL condition over the columns of the model'),
  sample: sample.optional().describe('Share of the keys, always the same ones: 10%'),
  keys: z
    .array(z.union([scalar, z.array(scalar).min(1)]))
    .min(1)
    .optional()
    .describe('Keys that are in the phase whatever `where` and `sample` say'),
  keys_file: text.min(1).optional().describe('File of the project with one such key per line'),
})

export const rolloutSchema = z.strictObject({
  phases: z.array(phase).min(1).describe('The phases in order; one with a name only holds every row'),
  advance_after: z
    .strictObject({
      runs: positive.max(100).describe('Runs in a row, in the phase, that must end well'),
      max_error_rate: share('write a share like 1%')
        .optional()
        .describe('Share of the rows a run sends that may fail for it to count as one that ended well (default 0%)'),
    })
    .optional()
    .describe('When the next phase begins by itself; without it `backfeed rollout advance` does it'),
  salt: text.min(1).optional().describe('Another text takes another sample; the default is the name of the sync'),
})

export type RolloutInput = z.output<typeof rolloutSchema>
export type PhaseInput = z.output<typeof phase>
