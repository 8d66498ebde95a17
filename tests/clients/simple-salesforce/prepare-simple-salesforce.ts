/** simple-salesforce speaks https only and builds host names of its own: a TLS front and a proxy lead it to the emulator. */
import { join } from 'node:path'
import { CONTACTS, type Org, TOKEN_SHAPED_LIKE_ONE } from '../org.ts'
import { REPOSITORY } from '../repository.ts'
import type { PreparedClient } from '../step.ts'
import type { InstalledSimpleSalesforce } from './install-simple-salesforce.ts'
import { startPython } from './python-process.ts'
import { startTlsFront } from './tls-front.ts'

const DRIVER = join(REPOSITORY, 'tests/clients/simple-salesforce/drive.py')

export async function prepareSimpleSalesforce(org: Org, installed: InstalledSimpleSalesforce): Promise<PreparedClient> {
  const front = await startTlsFront(org.url)
  try {
    const python = await startPython({
      program: installed.python,
      script: DRIVER,
      env: {
        PYTHONPATH: installed.folder,
        REQUESTS_CA_BUNDLE: front.certificateFile,
        EMULATOR_HTTPS_URL: front.url,
        EMULATOR_PROXY_URL: front.proxyUrl,
        EMULATOR_TOKEN: TOKEN_SHAPED_LIKE_ONE,
        EMULATOR_CONTACTS: String(CONTACTS),
      },
    })
    const steps = python.asks.map((ask, index) => ({ ask, run: () => python.run(index) }))
    const close = async (): Promise<void> => {
      await python.close()
      await front.close()
    }
    return { label: `simple-salesforce ${installed.version}`, steps, close }
  } catch (error) {
    await front.close()
    throw error
  }
}
