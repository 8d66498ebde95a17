/** A target folder that cannot be written is found before anything is contacted, not when the results are due. */
import { accessSync, constants } from 'node:fs'
import { resolve } from 'node:path'
import { BackfeedError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import type { Project } from '../project/project.ts'

/** @throws BackfeedError E-CFG-PATH */
export function requireWritable(project: Pick<Project, 'dir' | 'paths'>): void {
  const folder = resolve(project.dir, project.paths.target)
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
    throw new BackfeedError(
      {
        code: 'E-CFG-PATH',
        message: `the target folder ${project.paths.target} cannot be written (${reason})`,
        help: 'make it writable, or choose another one with --target-path',
      },
      { cause },
    )
  }
}
