/** `debug`: everything that must be right before the first run, one line each, and what to do where it is not. */
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Style } from '../output/style.ts'
import { problemsToJson } from '../render-problems.ts'
import { activeTarget } from './active-target.ts'
import type { Check } from './check.ts'
import { checkConnection } from './check-connection.ts'
import { checkWarehouse } from './check-warehouse.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'
import { renderForConsole } from './report-failure.ts'

/** Prints each check when it is done: a login that hangs is seen hanging. */
export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const checks: Check[] = []
  const report = (check: Check): void => {
    checks.push(check)
    if (context.global.output !== 'json') context.console.print(checkLine(check, context.console.style))
    if (check.problems !== undefined) context.console.note(renderForConsole(check.problems, context))
  }
  report({ name: 'versions', status: 'ok', message: `backfeed ${context.version}, node ${process.versions.node}` })
  const project = await openProject(context)
  const target = activeTarget(project)
  report({ name: 'project', status: 'ok', message: `${project.name} ${project.version} in ${project.dir}` })
  report({ name: 'target', status: 'ok', message: `${target.name}: ${target.type}, schema ${target.schema}` })
  const connections = connectionsOf(project.connections, context.args.text('connection'))
  if (!context.args.flag('offline')) {
    const columns = await checkWarehouse(context, { project, target, report })
    for (const connection of connections)
      await checkConnection(context, { project, target, connection, columns, report })
  }
  const failed = checks.filter((check) => check.status === 'error')
  const exit = failed.length === 0 ? ExitCode.ok : ExitCode.cannotRun
  return finish(context, {
    exit,
    facts: { checks: checks.map(({ problems = [], ...check }) => ({ ...check, problems: problemsToJson(problems) })) },
    text: () => (failed.length === 0 ? 'All checks passed' : `${failed.length} of ${checks.length} checks failed`),
  })
}

function checkLine({ name, status, message }: Check, style: Style): string {
  const mark = { ok: style.green('[OK]'), error: style.red('[ERROR]'), skipped: style.yellow('[SKIP]') }[status]
  return `  ${name.padEnd(36)} ${mark} ${message}`
}

function connectionsOf<T>(connections: ReadonlyMap<string, T>, only: string | undefined): T[] {
  if (only === undefined) return [...connections.values()]
  const connection = connections.get(only)
  if (connection !== undefined) return [connection]
  throw new BackfeedError({
    code: 'E-CLI-OPTION',
    message: `no connection is called ${JSON.stringify(only)}`,
    help: `connections: ${[...connections.keys()].join(', ') || 'none'}`,
  })
}
