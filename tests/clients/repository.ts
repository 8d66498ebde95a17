import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The suite is compiled to target/clients/tests/clients. */
export const REPOSITORY = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))))
