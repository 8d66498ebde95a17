import { invariant } from '../errors.ts'
import type { Project, Target } from '../project/project.ts'

export function activeTarget(project: Project): Target {
  const target = project.targets.get(project.activeTarget)
  invariant(target, 'the loader resolves the active target')
  return target
}
