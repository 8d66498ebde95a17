/** From the typed words to an exit code: find the verb, parse, set up the outputs, call the handler, report failures. */
import { BackfeedError, ExitCode, type Problem } from '../errors.ts'
import { createLogBus } from '../log.ts'
import { nearestName } from '../nearest-name.ts'
import { type Ports, systemPorts } from '../ports.ts'
import { createRedactor, type Redactor, registerEnvironment } from '../redact.ts'
import { LATER } from './catalogue.ts'
import type { CommandContext, CommandSpec } from './command.ts'
import { type FoundVerb, findVerb, verbNames } from './find-verb.ts'
import { commandHelp, groupHelp, rootHelp, specsOf } from './help-text.ts'
import { openConsole } from './open-console.ts'
import { parseArguments } from './parse-arguments.ts'
import { readGlobalOptions } from './read-global-options.ts'
import { reportFailure } from './report-failure.ts'
import { watchSignals } from './signals.ts'

export interface Host {
  process: NodeJS.Process
  version: string
  /** Default: those of the system. Only tests pass others. */
  ports?: Ports
}

export async function runCommandLine(argv: readonly string[], host: Host): Promise<ExitCode> {
  const redactor = createRedactor()
  registerEnvironment(redactor, host.process.env)
  const found = findVerb(argv)
  const help = helpFor(argv, found, host.version)
  if (help !== undefined) {
    host.process.stdout.write(`${help}\n`)
    return ExitCode.ok
  }
  try {
    if (found.kind !== 'command') throw new BackfeedError(verbProblem(found))
    return await runFound(found, { argv, host, redactor })
  } catch (error) {
    const verb = found.kind === 'command' ? found.spec.name : argv.join(' ').slice(0, 40)
    return reportFailure(error, { verb, argv, process: host.process, redactor, version: host.version })
  }
}

interface Setup {
  argv: readonly string[]
  host: Host
  redactor: Redactor
}

type FoundCommand = { spec: CommandSpec; rest: string[] }

async function runFound({ spec, rest }: FoundCommand, { argv, host, redactor }: Setup): Promise<ExitCode> {
  const { process, version } = host
  const args = parseArguments(spec, rest, process.env)
  const global = await readGlobalOptions(spec, args)
  const ports = host.ports ?? systemPorts()
  const log = createLogBus(ports.clock)
  const invocationId = uuid(ports.random.hex(16))
  const { console, status } = openConsole({ process, args, global, log, redactor, ports, invocationId })
  const watch = watchSignals(process, (name) =>
    log.warn('SignalReceived', `${name}: finishing what is under way; a second one stops at once`),
  )
  const context: CommandContext = {
    ...{ verb: spec.name, args, global, console, log, ports, invocationId, version },
    ...{ signal: watch.signal, env: process.env, cwd: process.cwd() },
  }
  log.debug('MainReportArgs', `backfeed ${version} ${spec.name}`, { node: process.version })
  try {
    const module = await spec.load()
    const code = await module.runCommand(context)
    // The pipeline knows that it was stopped, only the process knows by which signal.
    return code === ExitCode.interrupted ? (watch.interruptedBy() ?? code) : code
  } catch (error) {
    const interrupted = watch.interruptedBy()
    if (interrupted !== undefined && watch.isAbort(error)) {
      log.warn('Interrupted', 'interrupted; what was done is recorded')
      return interrupted
    }
    logFailure(context, error)
    status?.clear()
    return reportFailure(error, {
      ...{ verb: spec.name, argv, process, redactor, version, global },
      ...(context.projectDir === undefined ? {} : { projectDir: context.projectDir }),
    })
  } finally {
    status?.clear()
    watch.stop()
  }
}

/** The log file keeps what the terminal does not show. */
function logFailure(context: CommandContext, error: unknown): void {
  if (error instanceof BackfeedError)
    for (const problem of error.problems) context.log.debug('Problem', `${problem.code} ${problem.message}`)
  else context.log.debug('UnexpectedError', error instanceof Error ? (error.stack ?? error.message) : String(error))
}

function helpFor(argv: readonly string[], found: FoundVerb, version: string): string | undefined {
  const end = argv.indexOf('--')
  const asked = (end === -1 ? argv : argv.slice(0, end)).some((token) => token === '--help' || token === '-h')
  const viaVerb = argv[0] === 'help'
  if (!asked && !viaVerb) return undefined
  const about = viaVerb ? findVerb(argv.slice(1)) : found
  if (about.kind === 'command') return commandHelp(about.spec)
  if (about.kind === 'group') return groupHelp(about.group)
  if (about.kind === 'later') return `backfeed ${about.verb}: not supported yet; ${LATER[about.verb]}`
  return about.kind === 'none' ? rootHelp(version) : undefined
}

function verbProblem(found: Exclude<FoundVerb, { kind: 'command' }>): Problem {
  switch (found.kind) {
    case 'none':
      return { code: 'E-CLI-OPTION', message: 'no verb given', help: 'see backfeed --help' }
    case 'later':
      return { code: 'E-CLI-NOTYET', message: `${found.verb} is not supported yet`, help: LATER[found.verb] ?? '' }
    case 'group':
      return groupProblem(found.group, found.next)
    case 'unknown': {
      const near = nearestName(found.verb, verbNames())
      const hint = near === undefined ? '' : `, did you mean ${near}?`
      return {
        code: 'E-CLI-OPTION',
        message: `unknown verb ${JSON.stringify(found.verb)}${hint}`,
        help: 'see backfeed --help',
      }
    }
  }
}

function groupProblem(group: string, next: string | undefined): Problem {
  const names = specsOf(group).map((spec) => spec.name.slice(group.length + 1))
  const near = next === undefined ? undefined : nearestName(next, names)
  const what = next === undefined ? `${group} needs a second word` : `${group} has no ${JSON.stringify(next)}`
  const hint = near === undefined ? '' : `, did you mean ${near}?`
  return {
    code: 'E-CLI-OPTION',
    message: `${what}${hint}`,
    help: `one of: ${names.map((n) => `backfeed ${group} ${n}`).join(', ')}`,
  }
}

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
