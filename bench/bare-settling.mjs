// In the place of runner/sync/settle-run: nothing is folded, no event is logged.
export * from '../dist/runner/sync/settle-run.js'

export async function settleRun() {}
