/** `explain E-CFG-VALUE`: what a code means and what to do. */
import { ExitCode } from '../errors.ts'
import { explainCode } from '../explain-code.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { code, title, means, fix } = explainCode(context.args.required('code'))
  const { style } = context.console
  return finish(context, {
    exit: ExitCode.ok,
    facts: { code, title, means, fix },
    text: () => `${style.bold(code)}  ${title}\n\n${means}\n\n${style.cyan('What to do:')} ${fix}`,
  })
}
