/** `npm run test:faults -- --full`: everything; without it, the selection that fits into CI. */
export function isFull(): boolean {
  return process.env.BACKFEED_FAULTS === 'full'
}
