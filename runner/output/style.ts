/** Colour, decided once. Output is legible without it. */

type Paint = (text: string) => string

export interface Style {
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  readonly cyan: Paint
  readonly bold: Paint
  readonly dim: Paint
}

const same: Paint = (text) => text

export const plainStyle: Style = { red: same, green: same, yellow: same, cyan: same, bold: same, dim: same }

const wrap =
  (open: number, close: number): Paint =>
  (text) =>
    `\u001b[${open}m${text}\u001b[${close}m`

export const colourStyle: Style = {
  red: wrap(31, 39),
  green: wrap(32, 39),
  yellow: wrap(33, 39),
  cyan: wrap(36, 39),
  bold: wrap(1, 22),
  dim: wrap(2, 22),
}

export interface ColourQuestion {
  env: NodeJS.ProcessEnv
  isTty: boolean
  /** `--no-color` was given. */
  off: boolean
}

/** The flag wins, then NO_COLOR, then FORCE_COLOR, then whether a person is looking (https://no-color.org). */
export function wantsColour({ env, isTty, off }: ColourQuestion): boolean {
  if (off || (env.NO_COLOR ?? '') !== '') return false
  const force = env.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  return isTty && env.TERM !== 'dumb'
}
