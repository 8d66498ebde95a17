/** One thing a client is asked to do. */
export interface Step {
  ask: string
  /** What came back, in a few words. Rejects when it is not what an org would have answered. */
  run(): Promise<string>
  /** Default 30,000. */
  timeoutMs?: number
}

/** A client that is installed and pointed at the emulator. */
export interface PreparedClient {
  /** With its version, as in the summary. */
  label: string
  /** In order; later ones may build on earlier ones. */
  steps: readonly Step[]
  /** What follows, where it can go side by side: in order within a lane. */
  lanes?: readonly (readonly Step[])[]
  close(): Promise<void>
}

/** Why a client cannot be had on this machine. Any other error of a preparation is a failure of the suite. */
export class CannotBeHad extends Error {
  override readonly name = 'CannotBeHad'
}
