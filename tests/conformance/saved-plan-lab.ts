/** Plans that are saved, approved and applied in the lab, without a file in between unless a test wants to edit one. */

import type { SyncResult } from '../../runner/sync/execute-sync.ts'
import { applyPurpose } from '../../runner/sync/saved-plans/apply-purpose.ts'
import { readPlanFile } from '../../runner/sync/saved-plans/read-plan-file.ts'
import { recordSavedPlan } from '../../runner/sync/saved-plans/record-saved-plan.ts'
import { FORMAT, type PlanFile } from '../../runner/sync/saved-plans/saved-plan.ts'
import { savedPlanOf } from '../../runner/sync/saved-plans/saved-plan-of.ts'
import { sealPlan } from '../../runner/sync/saved-plans/seal-plan.ts'
import { toolVersion } from '../../runner/tool-version.ts'
import type { RunOptions, SyncLab } from './sync-lab.ts'

export interface Saved {
  plan: SyncResult
  /** As `plan --out plan.json` writes it. */
  text: string
}

export async function savePlan(lab: SyncLab, sync: string, options: RunOptions = {}): Promise<Saved> {
  let text = ''
  const plan = await lab.execute('plan', sync, {
    ...options,
    beforeClose: async (session, { syncs }) => {
      const saved = savedPlanOf(session, syncs, { expiresInMs: 86_400_000 })
      if (saved === undefined) throw new Error('the plan could not be saved')
      const { document, digest } = sealPlan({ format: FORMAT, saved }, session.auditKey)
      await recordSavedPlan(session, { saved, digest })
      text = JSON.stringify(document)
    },
  })
  return { plan, text }
}

export function readSaved(
  lab: SyncLab,
  text: string,
  given: { auditKey?: string; toolVersion?: string } = {},
): PlanFile {
  return readPlanFile({
    text,
    path: 'plan.json',
    nowMs: lab.nowMs(),
    toolVersion: given.toolVersion ?? toolVersion(),
    auditKey: given.auditKey ?? '',
    target: 'dev',
  })
}

export function applySaved(lab: SyncLab, sync: string, text: string, options: RunOptions = {}): Promise<SyncResult> {
  const auditKey = options.env?.BACKFEED_AUDIT_KEY
  const file = readSaved(lab, text, auditKey === undefined ? {} : { auditKey })
  return lab.execute('run', sync, { ...options, purpose: applyPurpose(file) })
}
