/** Values that may stand nowhere but where they are meant to: how they may be spelled, and where a run can leave them. */
import { Buffer } from 'node:buffer'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface Place {
  where: string
  text: string
}

/** What a place holds in the ways a reader, a log viewer or a driver would show it: as UTF-8 and as bytes misread for it. */
export function placesOfFile(path: string): Place[] {
  const bytes = readFileSync(path)
  return [
    { where: path, text: bytes.toString('utf8') },
    { where: `${path} (bytes)`, text: bytes.toString('latin1') },
  ]
}

export function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesUnder(path) : [path]
  })
}

/** Of `name: value`, which stand in which place, in whatever case and spelling. */
export function leaksOf(values: Readonly<Record<string, string>>, places: readonly Place[]): string[] {
  const sought = Object.entries(values).map(([name, value]) => ({ name, forms: spellings(value) }))
  return places.flatMap(({ where, text }) => {
    const lower = text.toLowerCase()
    return sought.flatMap(({ name, forms }) => {
      const form = forms.find((each) => lower.includes(each))
      return form === undefined ? [] : [`${name} in ${where}: ${around(lower, form)}`]
    })
  })
}

/** Lower case. */
export function spellings(value: string): string[] {
  const escaped = JSON.stringify(value).slice(1, -1)
  const url = encodeURIComponent(value)
  const forms = [
    value,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    url,
    url.replaceAll('%20', '+'),
    value.replaceAll("'", "''"),
    value.replaceAll('"', '""'),
    Buffer.from(value).toString('latin1'),
    Buffer.from(value).toString('hex'),
    ...base64Forms(value),
  ]
  return [...new Set(forms.map((form) => form.toLowerCase()))]
}

/** Inside a longer text the same bytes have three spellings in base64, one for each place they can start at. */
function base64Forms(value: string): string[] {
  const inner = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + value).toString('base64')
    const end = Math.floor(((offset + Buffer.byteLength(value)) * 4) / 3)
    return encoded.slice(Math.ceil((offset * 4) / 3), end)
  })
  return inner.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}

function around(text: string, form: string): string {
  const at = text.indexOf(form)
  return JSON.stringify(text.slice(Math.max(0, at - 60), at + form.length + 20))
}
