/** The one live line at the bottom of a terminal. Lines that must stay are written through `above`. */
import type { Clock } from '../ports.ts'
import { escapeData } from '../redact.ts'

const ERASE = '\r\u001b[2K'
const MIN_INTERVAL_MS = 100

export interface Progress {
  label: string
  done: number
  total?: number
}

export interface StatusLine {
  show(progress: Progress): void
  /** Runs `write` with the live line out of the way. */
  above(write: () => void): void
  clear(): void
}

export interface StatusLineOptions {
  write: (text: string) => void
  columns: () => number
  clock: Pick<Clock, 'monotonicMs'>
}

export function createStatusLine(o: StatusLineOptions): StatusLine {
  let shown = ''
  let lastMs = Number.NEGATIVE_INFINITY
  const clear = (): void => {
    if (shown === '') return
    shown = ''
    o.write(ERASE)
  }
  return {
    show(progress) {
      const finished = progress.total !== undefined && progress.done >= progress.total
      if (!finished && o.clock.monotonicMs() - lastMs < MIN_INTERVAL_MS) return
      lastMs = o.clock.monotonicMs()
      shown = statusText(progress, o.columns())
      o.write(`${ERASE}${shown}`)
    },
    above(write) {
      const kept = shown
      clear()
      write()
      shown = kept
      if (kept !== '') o.write(kept)
    },
    clear,
  }
}

/** Cut to the width of the terminal: a wrapped line cannot be erased. */
export function statusText(progress: Progress, columns: number): string {
  const share =
    progress.total === undefined || progress.total === 0
      ? ''
      : ` (${Math.floor((100 * progress.done) / progress.total)}%)`
  const of = progress.total === undefined ? '' : ` of ${progress.total.toLocaleString('en-US')}`
  const text = `${escapeData(progress.label)}: ${progress.done.toLocaleString('en-US')}${of}${share}`
  return text.slice(0, Math.max(10, columns - 1))
}

/** A live line only where a person watches: stderr is a terminal and no build server owns it. */
export function wantsStatusLine(env: NodeJS.ProcessEnv, isTty: boolean): boolean {
  return isTty && (env.CI ?? '') === '' && env.TERM !== 'dumb'
}
