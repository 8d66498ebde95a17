/** Where clients are installed: outside the project, one folder per exact version, complete or absent. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const CACHE_FOLDER =
  process.env.BACKFEED_CLIENTS_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'backfeed-clients')

/** The folder with what `install` put into it, now or on an earlier run. A failed install leaves nothing behind. */
export async function installedIn(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE_FOLDER, name)
  if (existsSync(folder)) return folder
  mkdirSync(CACHE_FOLDER, { recursive: true })
  const aside = mkdtempSync(join(CACHE_FOLDER, '.installing-'))
  try {
    await install(aside)
    renameSync(aside, folder)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    // Two runs may install at the same time; the first to finish wins.
    if (!existsSync(folder)) throw error
  }
  return folder
}
