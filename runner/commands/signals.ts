/** First SIGINT or SIGTERM: abort, let the work drain and record itself. Second: exit at once. */
import { ExitCode } from '../errors.ts'
import type { Signals } from '../ports.ts'

export interface SignalWatch {
  signal: AbortSignal
  /** Exit code of the signal that came, if one did. */
  interruptedBy(): ExitCode | undefined
  /** Whether an error is this watch's own abort, or a driver's wrapping of it. */
  isAbort(error: unknown): boolean
  stop(): void
}

export function watchSignals(source: Signals, onFirst: (name: string) => void): SignalWatch {
  const controller = new AbortController()
  let code: ExitCode | undefined
  const listen = (name: 'SIGINT' | 'SIGTERM', exitCode: ExitCode) => () => {
    if (code !== undefined) return source.exit(exitCode)
    code = exitCode
    onFirst(name)
    controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'))
  }
  const onInt = listen('SIGINT', ExitCode.interrupted)
  const onTerm = listen('SIGTERM', ExitCode.terminated)
  source.on('SIGINT', onInt)
  source.on('SIGTERM', onTerm)
  return {
    signal: controller.signal,
    interruptedBy: () => code,
    isAbort: (error) => error === controller.signal.reason || (error instanceof Error && error.name === 'AbortError'),
    stop() {
      source.off('SIGINT', onInt)
      source.off('SIGTERM', onTerm)
    },
  }
}
