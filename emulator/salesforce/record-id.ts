const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Id number `serial` of an object: prefix, instance, reserved zero, nine digits of base 62, checksum. */
export function recordId(keyPrefix: string, serial: number): string {
  let rest = serial
  let tail = ''
  for (let place = 0; place < 9; place += 1) {
    tail = (DIGITS[rest % 62] ?? '0') + tail
    rest = Math.floor(rest / 62)
  }
  const short = `${keyPrefix}5g0${tail}`
  return short + checksum(short)
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
