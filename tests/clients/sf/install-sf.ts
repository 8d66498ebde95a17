/** The official command line, with the Node it needs, from npm. */
import { join } from 'node:path'
import { installedIn } from '../client-cache.ts'
import { runCommand } from '../run-command.ts'
import { CannotBeHad } from '../step.ts'

const CLI = '2.150.6'
const NODE = '22.23.3'
const INSTALL_TIMEOUT_MS = 300_000

export interface InstalledSf {
  version: string
  /** Folders of the `node` and `sf` programs, for PATH. */
  path: readonly string[]
}

/** Its dependencies are pinned by its own shrinkwrap. Rejects with CannotBeHad. */
export async function installSf(): Promise<InstalledSf> {
  // The CLI needs Node 22; npm carries Node itself, per platform.
  const node = `node-${process.platform}-${process.arch}`
  const folder = await installedIn(`sf-${CLI}-node-${NODE}`, (aside) =>
    npmInstall(aside, [`@salesforce/cli@${CLI}`, `${node}@${NODE}`]),
  )
  const modules = join(folder, 'node_modules')
  return { version: CLI, path: [join(modules, node, 'bin'), join(modules, '.bin')] }
}

async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  const flags = [
    '--prefix',
    folder,
    '--ignore-scripts',
    '--omit=optional',
    '--no-audit',
    '--no-fund',
    '--fetch-retries=1',
    '--loglevel=error',
  ]
  const options = { cwd: folder, env: outsideThisPackage(), timeoutMs: INSTALL_TIMEOUT_MS }
  const result = await runCommand('npm', ['install', ...flags, ...packages], options)
  if (result.code === 0) return
  const said = result.stderr.split('\n').find((line) => /npm error/i.test(line)) ?? 'no message'
  throw new CannotBeHad(`npm install ${result.code === undefined ? 'took too long' : `failed: ${said}`}`)
}

/** npm tells its scripts which package they belong to; an npm below them would believe it. */
function outsideThisPackage(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(lifecycle|package)_|npm_config_(local_prefix|prefix|global_prefix)$|INIT_CWD$)/.test(name),
  )
  return Object.fromEntries(kept)
}
