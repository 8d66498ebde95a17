/** What a command would hold open, over simulated ports. */
import type { TemplateEnvironment } from '../../runner/compile/compile.ts'
import { invariant } from '../../runner/errors.ts'
import { afterGrace } from '../../runner/sync/grace.ts'
import type { Purpose } from '../../runner/sync/purpose.ts'
import type { Session } from '../../runner/sync/session.ts'
import type { StatementOptions, Warehouse } from '../../runner/warehouse/warehouse.ts'
import { verbOf } from './errands.ts'
import type { RunStep } from './scenario.ts'
import type { SimProcess } from './sim-process.ts'
import type { Stage } from './variants.ts'

export interface SessionWishes {
  stage: Stage
  environment: TemplateEnvironment
  process: SimProcess
  warehouse: Warehouse
  step: RunStep
  purpose: Purpose
  /** In the calm a person lets every plan pass, so that guards keep nothing open. */
  isCalm: boolean
}

const everything = { creates: 1_000, updates: 1_000, clears: 1_000, quarantined: 1_000, shrink: 100, empty: 1 }

export function makeSession({ stage, environment, process, warehouse, step, purpose, isCalm }: SessionWishes): Session {
  const { project, target } = stage
  let count = 0
  const signal = process.abort.signal
  return {
    verb: verbOf(step),
    purpose,
    project,
    target,
    invocationId: process.name,
    actor: 'simulation',
    ...(step.key === undefined ? {} : { runKey: `key ${step.key}` }),
    clientTag: 'simulation',
    auditKey: '',
    allowance: isCalm ? { limits: everything, reason: 'calm' } : { limits: {} },
    locked: { waitMs: step.waits ? 150_000 : 0, after: 'fail' },
    warehouse,
    environment,
    modelOf: ({ model }) => {
      invariant(model.kind === 'source', 'simulated syncs read a source')
      return { name: 'crm.customers', relation: { schema: 'crm', name: model.table }, properties: new Map() }
    },
    ports: process.ports(),
    signal,
    inFlight: afterGrace(process.ports().clock, signal, 25_000).signal,
    modelHashOf: () => undefined,
    options: (tag): StatementOptions => {
      count += 1
      return { id: `${process.name}-${count}`, tag, signal, timeoutMs: 3_600_000 }
    },
    onEvent: () => {},
  }
}
