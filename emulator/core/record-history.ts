import type { RecordVersion } from './crm.ts'
import type { RecordFields } from './record-store.ts'

/** What one write changed; the full field set of a version is folded from these when somebody asks. */
export interface RecordDelta {
  atMs: number
  request: number | 'control'
  op: RecordVersion['op']
  changes: RecordFields
}

export interface HistoryState {
  /** How many versions were folded into `base`. */
  dropped: number
  base: RecordFields
  deltas: RecordDelta[]
}

const NOTHING: RecordFields = Object.freeze({})
const NO_DELTAS: readonly RecordDelta[] = Object.freeze([])
// Pushing to a short array makes room for sixteen more; nearly every record has a version or two.
const COPIED_UP_TO = 4

/** Every version of one record, as deltas: a million updates of one field must not hold a million whole records. */
export class RecordHistory {
  #dropped = 0
  #base: RecordFields = NOTHING
  #deltas: readonly RecordDelta[] = NO_DELTAS

  static from(state: HistoryState): RecordHistory {
    const history = new RecordHistory()
    history.#dropped = state.dropped
    history.#base = state.base
    history.#deltas = state.deltas
    return history
  }

  append(delta: RecordDelta, keepVersions: number): void {
    const deltas = this.#deltas
    if (deltas.length === 0) this.#deltas = [delta]
    else if (deltas.length <= COPIED_UP_TO) this.#deltas = [...deltas, delta]
    else (deltas as RecordDelta[]).push(delta)
    const tooMany = this.#deltas.length - keepVersions
    if (tooMany <= 0) return
    for (const oldest of this.#deltas.slice(0, tooMany)) this.#base = fold(this.#base, oldest)
    this.#deltas = this.#deltas.slice(tooMany)
    this.#dropped += tooMany
  }

  /** Takes back the newest delta. Nothing that was folded into the base comes back. */
  drop(): void {
    this.#deltas = this.#deltas.slice(0, -1)
  }

  get isEmpty(): boolean {
    return this.#deltas.length === 0
  }

  versions(): RecordVersion[] {
    let fields = this.#base
    return this.#deltas.map((delta, position) => {
      fields = fold(fields, delta)
      const version = this.#dropped + position + 1
      return { version, at: new Date(delta.atMs).toISOString(), request: delta.request, op: delta.op, fields }
    })
  }

  state(): HistoryState {
    return { dropped: this.#dropped, base: this.#base, deltas: [...this.#deltas] }
  }
}

function fold(fields: RecordFields, delta: RecordDelta | undefined): RecordFields {
  if (delta === undefined) return fields
  return delta.op === 'create' ? delta.changes : { ...fields, ...delta.changes }
}
