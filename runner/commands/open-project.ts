/** The project a verb works on: found, loaded, its secrets registered, its log file open, its warnings shown once. */
import { join, resolve } from 'node:path'
import { fileSink } from '../output/sinks.ts'
import { findProject } from '../project/find-project.ts'
import { loadProject } from '../project/load-project.ts'
import type { Project } from '../project/project.ts'
import { Secret } from '../project/secret.ts'
import type { Redactor } from '../redact.ts'
import type { CommandContext } from './command.ts'
import { renderForConsole } from './report-failure.ts'

const LOG_BYTES = 10 * 1024 * 1024
const LOGS_KEPT = 4

export interface OpenOptions {
  /** Whether logs/backfeed.log is written; `clean` deletes the folder instead. */
  logFile?: boolean
}

/** @throws BackfeedError with every problem of the project. */
export async function openProject(context: CommandContext, { logFile = true }: OpenOptions = {}): Promise<Project> {
  const { global, console, log } = context
  const dir = global.projectDir === undefined ? findProject(context.cwd) : resolve(context.cwd, global.projectDir)
  context.projectDir = dir
  const loaded = loadProject({
    dir,
    env: context.env,
    vars: global.vars,
    ...(global.target === undefined ? {} : { target: global.target }),
  })
  registerSecrets(loaded, console.redactor)
  if (context.env.BACKFEED_AUDIT_KEY) console.redactor.register(context.env.BACKFEED_AUDIT_KEY)
  if (logFile) {
    const path = join(dir, 'logs/backfeed.log')
    log.attach(fileSink({ path, redactor: console.redactor, maxBytes: LOG_BYTES, keep: LOGS_KEPT }))
  }
  if (loaded.warnings.length > 0) console.note(renderForConsole(loaded.warnings, context))
  return withOverrides(loaded, context)
}

function withOverrides(project: Project, { global, cwd }: CommandContext): Project {
  const { targetPath, threads } = global
  return {
    ...project,
    ...(targetPath === undefined ? {} : { paths: { ...project.paths, target: resolve(cwd, targetPath) } }),
    ...(threads === undefined
      ? {}
      : { targets: new Map([...project.targets].map(([name, target]) => [name, { ...target, threads }])) }),
  }
}

/** The one place beside the logins that reveals secrets: what must never be printed has to be known. */
export function registerSecrets(project: Pick<Project, 'targets' | 'connections'>, redactor: Redactor): void {
  const settings = [
    ...[...project.targets.values()].map((target) => target.settings),
    ...[...project.connections.values()].flatMap((connection) =>
      [...connection.targets.values()].flatMap((reached) => (reached.emulator ? [] : [reached.settings])),
    ),
  ]
  for (const value of settings.flatMap((entry) => Object.values(entry)))
    if (value instanceof Secret) redactor.register(value.reveal())
}
