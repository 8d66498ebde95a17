const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Id number `serial` of an object: prefix, instance, reserved zero, nine digits of base 62, checksum. */
export function recordId(keyPrefix: string, serial: number): string {
  const low = serial % (62 * 62)
  const head = headOf(keyPrefix, (serial - low) / (62 * 62))
  const pair = PAIRS[low] ?? '00'
  return head.text + pair + (head.endings[isCapital(pair, 0) * 8 + isCapital(pair, 1) * 16] ?? '')
}

/** The 13 characters that 3,844 ids in a row share, and their checksums by what the last two digits add. */
interface IdHead {
  keyPrefix: string
  serial: number
  text: string
  endings: readonly string[]
}

const PAIRS = Array.from({ length: 62 * 62 }, (_, index) => `${DIGITS[Math.floor(index / 62)]}${DIGITS[index % 62]}`)
let lastHead: IdHead = { keyPrefix: '', serial: -1, text: '', endings: [] }

function headOf(keyPrefix: string, serial: number): IdHead {
  if (lastHead.serial === serial && lastHead.keyPrefix === keyPrefix) return lastHead
  let rest = serial
  let tail = ''
  for (let place = 0; place < 7; place += 1) {
    tail = (DIGITS[rest % 62] ?? '0') + tail
    rest = Math.floor(rest / 62)
  }
  const text = `${keyPrefix}5g0${tail}`
  const endings = Array.from({ length: 25 }, (_, bits) =>
    checksum(text + (bits & 8 ? 'A' : '0') + (bits & 16 ? 'A' : '0')),
  )
  lastHead = { keyPrefix, serial, text, endings }
  return lastHead
}

function isCapital(text: string, at: number): 0 | 1 {
  const code = text.charCodeAt(at)
  return code >= 65 && code <= 90 ? 1 : 0
}

/** The 18 characters of a 15- or 18-character id; undefined if it is neither or its checksum is wrong. */
export function canonicalId(text: string): string | undefined {
  if (!/^[0-9A-Za-z]+$/.test(text)) return undefined
  if (text.length === 15) return text + checksum(text)
  if (text.length !== 18) return undefined
  return text.slice(15) === checksum(text.slice(0, 15)) ? text : undefined
}

// Three characters, each the capitals of five characters as bits, least significant first.
function checksum(short: string): string {
  let suffix = ''
  for (let group = 0; group < 15; group += 5) {
    let bits = 0
    for (let place = 0; place < 5; place += 1) {
      const code = short.charCodeAt(group + place)
      if (code >= 65 && code <= 90) bits |= 1 << place
    }
    suffix += ALPHABET[bits]
  }
  return suffix
}
