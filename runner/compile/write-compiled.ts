import { realpath, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { BackfeedError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'

export interface CompiledFile {
  /** Under target/compiled, with forward slashes: `models/orders.sql`, `syncs/accounts/03_staging.sql`. */
  path: string
  sql: string
}

/** Writes target/compiled/<path>. Throws E-CFG-PATH when the folder cannot be written or a path leaves it. Returns the folder. */
export async function writeCompiled(targetDir: string, files: readonly CompiledFile[]): Promise<string> {
  const folder = resolve(targetDir, 'compiled')
  for (const { path, sql } of files) await writeArtifact(folder, { path, text: sql.endsWith('\n') ? sql : `${sql}\n` })
  return folder
}

/** One file below `folder`, which is made if needed. A link that leads out of the folder is refused. */
export async function writeArtifact(folder: string, { path, text }: { path: string; text: string }): Promise<void> {
  const file = resolve(folder, path)
  if (!isInside(folder, file)) throw pathError(`"${path}" would be written outside of the target folder`)
  try {
    makeFolder(dirname(file))
    const [root, place] = await Promise.all([realpath(folder), realpath(dirname(file))])
    if (place !== root && !isInside(root, place)) throw pathError(`"${path}" leads out of the target folder by a link`)
    await writeFile(file, text)
  } catch (error) {
    if (error instanceof BackfeedError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw pathError(`cannot write ${path} in the target folder (${code ?? 'unknown error'})`, error)
  }
}

function isInside(folder: string, file: string): boolean {
  const steps = relative(folder, file).split(/[\\/]/)
  return steps[0] !== '' && steps[0] !== '..' && resolve(folder, steps.join('/')) === file
}

function pathError(message: string, cause?: unknown): BackfeedError {
  const help = 'make the folder of `target-path` writable, or name another one in project.yml'
  return new BackfeedError({ code: 'E-CFG-PATH', message, help }, { cause })
}
