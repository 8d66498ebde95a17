/** One line of `debug`. */
import { BackfeedError, type Problem } from '../errors.ts'

export interface Check {
  name: string
  status: 'ok' | 'error' | 'skipped'
  message: string
  problems?: readonly Problem[]
}

/** A failure as a check; anything but a user-facing error is passed on. */
export function failedCheck(name: string, error: unknown): Check {
  if (!(error instanceof BackfeedError)) throw error
  return { name, status: 'error', message: error.problems[0]?.message ?? '', problems: error.problems }
}
