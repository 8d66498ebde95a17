import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BackfeedError } from '../errors.ts'

export interface DriverPackage<T> {
  /** Package name and the range package.json promises to work with: what a user must type. */
  name: string
  range: string
  load(): Promise<T>
}

/**
 * Loads an optional driver: beside the runner first, then from the project, which is where a globally installed
 * runner's user has it. Throws E-WH-DRIVER with the line to type.
 */
export async function loadDriver<T>(driver: DriverPackage<T>, projectDir: string): Promise<T> {
  try {
    return await driver.load()
  } catch (error) {
    if (!isMissing(error, driver.name)) throw error
    return await loadFromProject(driver, projectDir, error)
  }
}

async function loadFromProject<T>(driver: DriverPackage<T>, projectDir: string, cause: unknown): Promise<T> {
  let file: string
  try {
    file = createRequire(join(projectDir, 'package.json')).resolve(driver.name)
  } catch {
    throw new BackfeedError(
      {
        code: 'E-WH-DRIVER',
        message: `the warehouse driver "${driver.name}" is not installed`,
        help: `npm install ${driver.name}@${driver.range}`,
      },
      { cause },
    )
  }
  return (await import(pathToFileURL(file).href)) as T
}

/** True when the package itself is absent; a driver that is there but cannot load one of its own parts is another fault. */
function isMissing(error: unknown, name: string): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const absent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
  return absent && error instanceof Error && error.message.includes(`'${name}'`)
}
