/** simple-salesforce from PyPI, where the machine has Python 3 with pip. Wheels only: nothing is built here. */
import { installedIn } from '../client-cache.ts'
import { runCommand } from '../run-command.ts'
import { CannotBeHad } from '../step.ts'

const VERSION = '1.12.10'
const PYTHON = 'python3'
const INSTALL_TIMEOUT_MS = 240_000
const ASK_TIMEOUT_MS = 20_000

export interface InstalledSimpleSalesforce {
  version: string
  python: string
  /** For PYTHONPATH. */
  folder: string
}

/** Rejects with CannotBeHad. */
export async function installSimpleSalesforce(): Promise<InstalledSimpleSalesforce> {
  const python = await said('it needs Python 3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])
  const folder = await installedIn(`simple-salesforce-${VERSION}-python-${python}`, pipInstall)
  return { version: VERSION, python: PYTHON, folder }
}

async function pipInstall(folder: string): Promise<void> {
  await said('it needs pip', ['-m', 'pip', '--version'])
  const flags = ['--disable-pip-version-check', '--no-input', '--quiet', '--only-binary=:all:', '--target', folder]
  const args = ['-m', 'pip', 'install', ...flags, `simple-salesforce==${VERSION}`]
  await said('pip install failed', args, INSTALL_TIMEOUT_MS)
}

async function said(otherwise: string, args: readonly string[], timeoutMs = ASK_TIMEOUT_MS): Promise<string> {
  const result = await runCommand(PYTHON, args, { cwd: '/', env: process.env, timeoutMs }).catch(() => undefined)
  if (result?.code === 0) return result.stdout.trim()
  const last = result?.stderr.trim().split('\n').at(-1)
  throw new CannotBeHad(last === undefined || last === '' ? otherwise : `${otherwise}: ${last}`)
}
