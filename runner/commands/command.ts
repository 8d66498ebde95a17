/** What a verb is made of: a tiny static description, and a module that is loaded only when the verb is typed. */
import type { ExitCode } from '../errors.ts'
import type { LogBus } from '../log.ts'
import type { Console } from '../output/console.ts'
import type { Ports } from '../ports.ts'

export interface OptionSpec {
  name: string
  alias?: string
  kind: 'text' | 'flag' | 'list' | 'number'
  /** What the help shows for the value: `FILE`, `N`. */
  value?: string
  choices?: readonly string[]
  describe: string
}

export interface ArgumentSpec {
  name: string
  required: boolean
  describe: string
  choices?: readonly string[]
}

export interface CommandSpec {
  /** As typed: `plan`, `history row`. */
  name: string
  summary: string
  args?: readonly ArgumentSpec[]
  options?: readonly OptionSpec[]
  /** [what to type after `backfeed`, what it is for] */
  examples: readonly (readonly [string, string])[]
  /** Imports the handler. Nothing heavy may be imported before this is called. */
  load(): Promise<CommandModule>
}

export interface CommandModule {
  /** Prints its result and answers with the exit code. */
  runCommand(context: CommandContext): Promise<ExitCode>
}

export interface CommandContext {
  /** The verb as typed, for modules that answer several. */
  verb: string
  args: Arguments
  global: GlobalOptions
  console: Console
  log: LogBus
  ports: Ports
  /** Aborted by the first SIGINT or SIGTERM. */
  signal: AbortSignal
  env: NodeJS.ProcessEnv
  cwd: string
  /** Set once a project is found, so that failures can quote its files. */
  projectDir?: string
  invocationId: string
  /** Of the package. */
  version: string
  /** Also gets the JSON line of the result, whatever is printed. */
  onResult?: (line: object) => void
}

export interface GlobalOptions {
  select: readonly string[]
  exclude: readonly string[]
  target?: string
  projectDir?: string
  vars: Readonly<Record<string, unknown>>
  threads?: number
  output: OutputFormat
  quiet: boolean
  resultFile?: string
  targetPath?: string
  debug: boolean
}

export type OutputFormat = 'text' | 'json' | 'markdown'

export type ParsedValue = string | number | boolean | readonly string[]

/** Parsed arguments and own options of one verb, read with the type the spec promises. */
export class Arguments {
  readonly #values: ReadonlyMap<string, ParsedValue>
  readonly #typed: ReadonlySet<string>

  constructor(values: ReadonlyMap<string, ParsedValue>, typed: ReadonlySet<string> = new Set()) {
    this.#values = values
    this.#typed = typed
  }

  /** On the command line itself, not by a variable of the environment. */
  isTyped(name: string): boolean {
    return this.#typed.has(name)
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name)
    return typeof value === 'string' ? value : undefined
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name)
    return typeof value === 'number' ? value : undefined
  }

  flag(name: string): boolean {
    return this.#values.get(name) === true
  }

  list(name: string): readonly string[] {
    const value = this.#values.get(name)
    return Array.isArray(value) ? value : []
  }

  /** A positional argument the parser has already insisted on. */
  required(name: string): string {
    return this.text(name) ?? ''
  }
}
