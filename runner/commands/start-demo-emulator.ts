/** The emulator inside the demo's own process. */
import { BackfeedError } from '../errors.ts'

export interface DemoEmulator {
  url: string
  controlUrl: string
  close(): Promise<void>
}

/** Any free ports unless one is asked for. */
export async function startDemoEmulator(port: number | undefined): Promise<DemoEmulator> {
  // The command layer is the only place where the runner's package may touch the emulator, and only lazily.
  const { startEmulator } = await import('../../emulator/start.ts')
  try {
    return await startEmulator({ port: port ?? 0, controlPort: 0 })
  } catch (cause) {
    throw new BackfeedError(
      {
        code: 'E-EMU-PORT',
        message: `port ${port ?? 0} cannot be opened`,
        help: 'leave --port away for any free one',
      },
      { cause },
    )
  }
}
