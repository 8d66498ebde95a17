/** Global options as handlers want them. */
import { BackfeedError } from '../errors.ts'
import type { Arguments, CommandSpec, GlobalOptions, OutputFormat } from './command.ts'

export async function readGlobalOptions(spec: CommandSpec, args: Arguments): Promise<GlobalOptions> {
  const output = readOutput(spec, args)
  return {
    select: args.list('select'),
    exclude: args.list('exclude'),
    ...optional('target', args.text('target')),
    ...optional('projectDir', args.text('project-dir')),
    vars: await readVars(args.text('vars')),
    ...optional('threads', args.number('threads')),
    output,
    quiet: args.flag('quiet'),
    ...optional('resultFile', args.text('result-file')),
    ...optional('targetPath', args.text('target-path')),
    debug: args.flag('debug'),
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  const record: { [P in K]?: V } = {}
  if (value !== undefined) record[key] = value
  return record
}

function readOutput(spec: CommandSpec, args: Arguments): OutputFormat {
  const output = args.text('output') ?? 'text'
  const plans = spec.name === 'plan' || (spec.name === 'run' && args.flag('dry-run'))
  if (output === 'markdown' && !plans)
    throw new BackfeedError({
      code: 'E-CLI-OPTION',
      message: `${spec.name} has no markdown form`,
      help: '--output markdown is for plan; use text or json',
    })
  return output === 'json' || output === 'markdown' ? output : 'text'
}

/** YAML covers JSON. The parser is loaded only when the option is used. */
async function readVars(text: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  if (text === undefined) return {}
  const { parse } = await import('yaml')
  const value = parsed(() => parse(text, { maxAliasCount: 0 }))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new BackfeedError({
    code: 'E-CLI-OPTION',
    message: '--vars is not a mapping',
    help: `write --vars '{lookback_days: 7}' or --vars '{"lookback_days": 7}'`,
  })
}

function parsed(parse: () => unknown): unknown {
  try {
    return parse()
  } catch {
    return undefined
  }
}
