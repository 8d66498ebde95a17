import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { BackfeedError } from '../errors.ts'

export const PROJECT_FILE = 'project.yml'

/** The nearest folder with project.yml, from `start` upwards. Throws E-CFG-NOPROJECT. */
export function findProject(start: string): string {
  let dir = resolve(start)
  for (;;) {
    if (existsSync(join(dir, PROJECT_FILE))) return dir
    const parent = dirname(dir)
    if (parent === dir) throw noProject('no project.yml in this folder or above')
    dir = parent
  }
}

export function noProject(message: string): BackfeedError {
  return new BackfeedError({
    code: 'E-CFG-NOPROJECT',
    message,
    help: 'run `backfeed init` to make a project here, or point at one with --project-dir',
  })
}
