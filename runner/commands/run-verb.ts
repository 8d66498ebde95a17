/** One verb inside another command: the demo types them for its audience. */
import { BackfeedError, type ExitCode } from '../errors.ts'
import type { CommandContext } from './command.ts'
import { findVerb } from './find-verb.ts'
import { parseArguments } from './parse-arguments.ts'
import { readGlobalOptions } from './read-global-options.ts'

export interface VerbResult {
  exit: ExitCode
  /** The JSON line of the verb. */
  line: Readonly<Record<string, unknown>>
}

/** `argv` as after `backfeed`; prints as if typed, with the outer command's console, signal and environment. */
export async function runVerb(context: CommandContext, argv: readonly string[]): Promise<VerbResult> {
  const found = findVerb(argv)
  if (found.kind !== 'command')
    throw new BackfeedError({ code: 'E-INTERNAL', message: `bug in the runner: no verb in ${argv.join(' ')}` })
  const args = parseArguments(found.spec, found.rest, {})
  let line: Readonly<Record<string, unknown>> = {}
  const inner: CommandContext = {
    ...context,
    verb: found.spec.name,
    args,
    global: await readGlobalOptions(found.spec, args),
    onResult: (result) => {
      line = { ...result }
    },
  }
  const module = await found.spec.load()
  return { exit: await module.runCommand(inner), line }
}
