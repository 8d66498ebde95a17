/** Remembers what the models were rendered with: the only place where a sync shows how it sees itself. */
import type { TemplateEnvironment } from '../../runner/compile/compile.ts'
import type { PackageContext } from '../../runner/sync/materialize.ts'

export interface WatchedTemplates {
  environment: TemplateEnvironment
  seen: PackageContext | undefined
}

export function watchTemplates(real: TemplateEnvironment): WatchedTemplates {
  const watched: WatchedTemplates = {
    seen: undefined,
    environment: {
      has: (macro) => real.has(macro),
      call: (macro, args, context) => real.call(macro, args, context),
      render: (request) => {
        const { sync, run } = request.context
        if (sync && run) watched.seen = request.context as unknown as PackageContext
        return real.render(request)
      },
    },
  }
  return watched
}
