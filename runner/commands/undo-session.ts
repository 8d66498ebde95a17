/** What pause, resume and unlock need: the warehouse with our tables, and who asks. No CRM is contacted. */
import { BackfeedError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import type { Session } from '../sync/session.ts'
import { activeTarget } from './active-target.ts'
import type { CommandContext } from './command.ts'
import { knownSync } from './known-sync.ts'
import { openProject } from './open-project.ts'

export interface SyncSession {
  project: Project
  session: Session
  /** Name of the sync that was given. */
  sync: string
}

export async function withSyncSession<T>(
  context: CommandContext,
  work: (session: SyncSession) => Promise<T>,
): Promise<T> {
  const { openSession } = await import('../sync/open-session.ts')
  const project = await openProject(context)
  const sync = knownSync(project, context.args.required('sync'))
  const { env, ports, signal } = context
  const target = activeTarget(project)
  const session = await openSession({ verb: 'plan', project, target, env, ports, signal, onEvent: () => {} })
  try {
    return await work({ project, session, sync })
  } finally {
    await session.close()
  }
}

/** @throws BackfeedError E-CLI-OPTION */
export function requiredReason({ args, verb }: CommandContext): string {
  const reason = args.text('reason')?.trim() ?? ''
  if (reason !== '') return reason
  throw new BackfeedError({
    code: 'E-CLI-OPTION',
    message: '--reason says why; it goes into the audit',
    help: `backfeed ${verb} ${args.required('sync')} --reason "…"`,
  })
}
