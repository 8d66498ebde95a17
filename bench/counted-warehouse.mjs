// In the place of runner/warehouse/registry: as it is, with every statement counted and timed by its step.
import { openWarehouse as original } from '../dist/runner/warehouse/registry.js'
import { statements } from './marks.mjs'

export * from '../dist/runner/warehouse/registry.js'

export function openWarehouse(target, context) {
  return original(target, {
    ...context,
    onStatement({ tag, elapsedMs }) {
      const step = tag?.step ?? 'columns'
      statements.count += 1
      statements.ms[step] = (statements.ms[step] ?? 0) + elapsedMs
      statements.calls[step] = (statements.calls[step] ?? 0) + 1
    },
  })
}
