/** The worked example in a folder of its own, told as a story. Writes nothing outside ./backfeed-demo. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { BackfeedError, type ExitCode } from '../errors.ts'
import type { CommandContext } from './command.ts'
import { scaffold } from './init.ts'
import { runVerb, type VerbResult } from './run-verb.ts'
import { exampleFiles } from './scaffold.ts'
import { startDemoEmulator } from './start-demo-emulator.ts'

const FOLDER = 'backfeed-demo'

/** What the story has to work with. */
export interface DemoStage {
  /** The demo's project. */
  dir: string
  emulatorUrl: string
  controlUrl: string
  context: CommandContext
  /** Runs a verb in the demo's project, as typed after `backfeed`, and prints what it prints. */
  verb(...argv: string[]): Promise<VerbResult>
}

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const dir = join(context.cwd, FOLDER)
  prepareFolder(dir, context.args.flag('keep'))
  const emulator = await startDemoEmulator(context.args.number('port'))
  try {
    const { tellStory } = await import('./demo-story.ts')
    const inside: CommandContext = {
      ...context,
      cwd: dir,
      env: { ...context.env, BACKFEED_EMULATOR_URL: emulator.url },
    }
    return await tellStory({
      dir,
      emulatorUrl: emulator.url,
      controlUrl: emulator.controlUrl,
      context: inside,
      verb: (...argv) => runVerb(inside, argv),
    })
  } finally {
    await emulator.close()
  }
}

/** Only a folder that this command made is ever deleted. */
function prepareFolder(dir: string, keep: boolean): void {
  const marker = join(dir, '.backfeed/demo')
  if (existsSync(dir) && !existsSync(marker))
    throw new BackfeedError({
      code: 'E-CFG-EXISTS',
      message: `${FOLDER} exists and was not made by the demo; nothing was changed`,
      help: 'move it away, or start the demo in another folder',
    })
  if (existsSync(dir) && keep) return
  rmSync(dir, { recursive: true, force: true })
  scaffold(dir, [...exampleFiles('backfeed_demo'), { path: '.backfeed/demo', text: 'made by backfeed demo\n' }])
}
