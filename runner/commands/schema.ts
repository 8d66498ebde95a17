/** JSON Schemas of the project files, for editors: draft-07, which is what the YAML language server reads. */
import { ExitCode } from '../errors.ts'
import { projectJsonSchemas } from '../project/json-schema.ts'
import type { CommandContext } from './command.ts'

/** All kinds in one object, or the schema asked for. With `--output json` on one line. */
export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const schemas = projectJsonSchemas()
  const wanted = Object.entries(schemas).find(([kind]) => kind === context.args.text('kind'))?.[1] ?? schemas
  if (context.global.output === 'json') context.console.json(wanted)
  else context.console.print(JSON.stringify(wanted, null, 2))
  return ExitCode.ok
}
