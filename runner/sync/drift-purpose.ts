/** `drift`: every record a row was ever matched to is read and compared with what was acknowledged. */
import { decisionModels, driftModels, materialize } from './materialize.ts'
import type { Purpose } from './purpose.ts'
import { syncPurpose } from './sync-purpose.ts'

/** A report: only rows with a drifted field are recorded, nothing is sent or folded. */
export const driftPurpose: Purpose = {
  ...syncPurpose,
  name: 'drift',
  decide: (run) => materialize(run, [...decisionModels, ...driftModels]),
  records: ['plan_row', 'plan_field'],
  readsSource: false,
  check: async () => [],
  whole: true,
}

/** A common run over the whole model that also writes again what people changed, where `on_drift` is overwrite. */
export const repairPurpose: Purpose = { ...syncPurpose, name: 'drift', whole: true, repairs: true }
